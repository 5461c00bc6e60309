"""What the creation page offers: the account's own things, in one region and one resource group."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account
from gateways.models import CustomerGateway
from gateways.queries import GatewayChoice, choosable_gateways
from transit.models import group_label
from transit.queries import BindableCen, bindable_cens

Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Offers:
    region: str
    group_choices: Choices
    cens: list[BindableCen]
    gateways: list[GatewayChoice]

    @property
    def cen_choices(self) -> Choices:
        return [(one.cen_id, _cen_label(one)) for one in self.cens]

    @property
    def gateway_choices(self) -> Choices:
        return [(gateway.public_id, gateway_label(gateway)) for gateway in self.gateways]

    def cen(self, public_id: str) -> BindableCen | None:
        return next((one for one in self.cens if one.cen_id == public_id), None)

    def drop_misfits(self, data: MutableMapping[str, Any], gateway_fields: tuple[str, ...]) -> None:
        """Of what was chosen before the region or the resource group changed, keep what fits."""
        cen = self.cen(data.get("cen", ""))
        if cen is None or cen.obstacle:
            data["cen"] = ""
        offered = {gateway.public_id for gateway in self.gateways}
        for name in gateway_fields:
            if data.get(name) not in offered:
                data[name] = ""


def offers_for(account: Account, region: str, group_id: str = "") -> Offers:
    """Of the resource groups those that have a CEN instance; any other one is as good as none."""
    cens = bindable_cens(account, region)
    groups = _groups(cens)
    if group_id in dict(groups):
        cens = [one for one in cens if one.group_id == group_id]
    return Offers(region, groups, cens, choosable_gateways(account, region))


def _groups(cens: Iterable[BindableCen]) -> Choices:
    """The default one first, the others by name."""
    found = {(not one.in_default_group, one.group_name, one.group_id) for one in cens}
    return [(key, group_label(name, is_default=not named)) for named, name, key in sorted(found)]


def _cen_label(one: BindableCen) -> str:
    """One that cannot be chosen is there all the same, and says so."""
    name = f"{one.name} ({one.cen_id})" if one.name else one.cen_id
    unfit = _("cannot be bound in this region")
    return f"{name} – {unfit}" if one.obstacle else name


def gateway_label(gateway: CustomerGateway | GatewayChoice) -> str:
    asn = f"AS {gateway.asn}" if gateway.asn else _("no AS number")
    return f"{gateway.name or gateway.public_id} · {gateway.address} · {asn}"
