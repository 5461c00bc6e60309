"""Reads, by account: customer gateways, and the tunnels that end on them. No list loads a secret."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.functions import Length

from accounts.models import Account
from gateways.models import CustomerGateway
from prepared.queries import prepared


@dataclass(frozen=True, slots=True)
class Use:
    """A tunnel that ends on a customer gateway."""

    connection_id: str
    connection_name: str
    tunnel_index: int


class GatewayChoice(NamedTuple):
    """What a form says of a customer gateway that can be chosen in it."""

    public_id: str
    name: str
    address: str
    asn: int | None


def choosable_gateways(account: Account, region: str) -> list[GatewayChoice]:
    """Of one region, newest first."""
    return [GatewayChoice(*row) for row in _choices(account.pk, region)]


@prepared
def _choices(account: int, region: str) -> "QuerySet[CustomerGateway, tuple[str, str, str, int | None]]":
    gateways = CustomerGateway.objects.filter(account=account, region=region).order_by("-pk")
    return gateways.values_list("public_id", "name", "address", "asn")


def gateways_of(account: Account, region: str) -> "QuerySet[CustomerGateway, CustomerGateway]":
    """Of one region, newest first."""
    return all_gateways(account).filter(region=region).order_by("-pk")


def all_gateways(account: Account) -> "QuerySet[CustomerGateway, CustomerGateway]":
    """The authentication key stays in the database; `auth_key_length` says whether there is one."""
    gateways = CustomerGateway.objects.filter(account=account).defer("auth_key")
    return gateways.annotate(auth_key_length=Length("auth_key"))


def matching(
    gateways: "QuerySet[CustomerGateway, CustomerGateway]", text: str
) -> "QuerySet[CustomerGateway, CustomerGateway]":
    """Those with the text in their name, id or address."""
    if not text:
        return gateways
    return gateways.filter(
        Q(name__icontains=text) | Q(public_id__icontains=text) | Q(address__icontains=text)
    )


def uses_of(gateways: Iterable[CustomerGateway]) -> dict[int, list[Use]]:
    """The tunnels that end on each, by the customer gateway's key; one query, which reads no secret."""
    rows = (
        CustomerGateway.objects.filter(pk__in=[gateway.pk for gateway in gateways], tunnels__isnull=False)
        .values_list("pk", "tunnels__connection__public_id", "tunnels__connection__name", "tunnels__index")
        .order_by("-tunnels__connection__pk", "tunnels__index")
    )
    uses: dict[int, list[Use]] = {}
    for key, connection_id, connection_name, index in rows:
        uses.setdefault(key, []).append(Use(connection_id, connection_name, index))
    return uses
