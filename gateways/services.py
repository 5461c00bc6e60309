"""Writes of customer gateways: one transaction and one audit row each; `Refused` where a rule forbids it."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts import quotas
from accounts.actor import Actor, audit
from accounts.audit_changes import changes
from accounts.models import Account, QuotaName
from accounts.refusal import Refused, refuse
from accounts.regions import check_region
from gateways.models import CustomerGateway
from gateways.queries import uses_of
from ipsec.addresses import is_ipv4
from ipsec.findings import Finding
from ipsec.rules import (
    Code,
    CustomerGatewaySpec,
    check_asn_text,
    check_auth_key,
    check_customer_gateway,
    check_name,
    errors,
    parse_asn,
)
from wording.refusals import named


@transaction.atomic
def create_customer_gateway(
    *,
    actor: Actor,
    region: str,
    address: str,
    name: str = "",
    description: str = "",
    asn: str = "",
    auth_key: str = "",
) -> CustomerGateway:
    """Register a device. `asn` is text as typed, in one number or two segments; empty means none.

    `Refused` with every rule of chapter 4 that is broken, `region_unknown` or `quota_full`.
    """
    # Creations in one account wait for each other, so that none of them passes the quota unseen.
    Account.objects.select_for_update(no_key=True).get(pk=actor.account.pk)
    found = _check_place(actor.account, region)
    number, unreadable = _read_asn(asn)
    spec = CustomerGatewaySpec(
        name=name,
        description=description,
        address=address,
        asn=number,
        auth_key=auth_key,
        reserved_networks=(settings.GATEWAY_POOL,),
        registered_addresses=_registered(actor.account, region, address),
    )
    found += [*unreadable, *_broken_rules(spec, asn_known=not unreadable)]
    if found:
        raise Refused(found)
    gateway = _insert(actor.account, region, spec)
    audit(
        actor,
        "customer_gateway.create",
        gateway.public_id,
        region=region,
        name=name,
        address=address,
        asn=number,
        has_auth_key=bool(auth_key),
    )
    return gateway


def _check_place(account: Account, region: str) -> list[Finding]:
    if unknown := check_region(region):
        return unknown
    there = CustomerGateway.objects.filter(account=account, region=region).count()
    return quotas.room(account, QuotaName.CUSTOMER_GATEWAYS_PER_REGION, there).check()


def _read_asn(text: str) -> tuple[int | None, list[Finding]]:
    """The number (None: none given, or unreadable), and what cannot be read."""
    try:
        return (parse_asn(text) if text else None), []
    except ValueError:
        return None, check_asn_text(text, "asn")


def _broken_rules(spec: CustomerGatewaySpec, *, asn_known: bool) -> list[Finding]:
    """An AS number that cannot be read is no missing one."""
    found = errors(check_customer_gateway(spec))
    return [finding for finding in found if asn_known or finding.code != Code.AUTH_KEY_WITHOUT_ASN]


def _registered(account: Account, region: str, address: str) -> frozenset[str]:
    """The address, if it is registered already: the rule need not know of the others."""
    if not is_ipv4(address):  # not every database takes such text to compare with
        return frozenset()
    same = CustomerGateway.objects.filter(account=account, region=region, address=address)
    return frozenset(same.values_list("address", flat=True))


def _insert(account: Account, region: str, spec: CustomerGatewaySpec) -> CustomerGateway:
    """The constraint has the last word: whoever registers the same address at this moment may be first."""
    gateway = CustomerGateway(
        account=account,
        region=region,
        name=spec.name,
        description=spec.description,
        address=spec.address,
        asn=spec.asn,
        auth_key=spec.auth_key,
    )
    gateway.full_clean(validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            gateway.save(force_insert=True)
    except IntegrityError:
        if _registered(account, region, spec.address):
            raise refuse("address", Code.ADDRESS_REGISTERED, address=spec.address) from None
        raise
    return gateway


@transaction.atomic
def modify_customer_gateway(
    *,
    actor: Actor,
    gateway: CustomerGateway,
    name: str | None = None,
    description: str | None = None,
    auth_key: str | None = None,
) -> CustomerGateway:
    """Change what can be changed; None leaves a value as it is, an empty `auth_key` removes the key.

    Address and AS number never change: another device is another customer gateway.
    """
    changed = {
        field: value
        for field, value in (("name", name), ("description", description), ("auth_key", auth_key))
        if value is not None
    }
    found = [
        *check_name(name or "", "name"),
        *check_name(description or "", "description"),
        *check_auth_key(auth_key or "", has_asn=gateway.asn is not None),
    ]
    if errors(found):
        raise Refused(errors(found))
    locked = _unread().select_for_update(no_key=True).filter(pk=gateway.pk).first()
    if locked is None:
        raise refuse("", "customer_gateway_unknown")
    told = changes(locked, changed)
    for field, value in changed.items():
        setattr(locked, field, value)
    locked.save(update_fields=[*changed])
    audit(actor, "customer_gateway.modify", locked.public_id, changes=told)
    return locked


@transaction.atomic
def delete_customer_gateway(*, actor: Actor, gateway: CustomerGateway) -> None:
    """`Refused` while tunnels end on it, naming each."""
    locked = _unread().select_for_update().filter(pk=gateway.pk).first()
    if locked is None:
        return
    found = obstacles(locked)
    if found:
        raise Refused(found)
    audit(actor, "customer_gateway.delete", locked.public_id, region=locked.region, address=locked.address)
    locked.delete()


def _unread() -> "QuerySet[CustomerGateway, CustomerGateway]":
    """Without the authentication key: a write needs none, and works where it cannot be decrypted."""
    return CustomerGateway.objects.defer("auth_key")


def obstacles(gateway: CustomerGateway) -> list[Finding]:
    """What stands in the way of its deletion."""
    return [
        Finding(
            "",
            "gateway_in_use",
            params={
                "connection": named(use.connection_name, use.connection_id),
                "tunnel": use.tunnel_index,
            },
        )
        for use in uses_of([gateway]).get(gateway.pk, [])
    ]
