"""Create a connection with its two tunnels: all of it or nothing, and once however often it is sent."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from accounts.actor import Actor, audit, audited_together
from accounts.models import Account
from accounts.refusal import Refused
from accounts.regions import tunnel_zones
from connections.models import IPsecConnection
from connections.services.columns import connection_columns
from connections.services.drafts import discard_draft
from connections.services.gateway_addresses import new_addresses
from connections.services.races import lost_race
from connections.services.request import Found, NewConnection, earlier_connection, look_up
from connections.services.routes import routes_of_networks
from ipsec.rules import errors
from ipsec.spec import DEFAULT_LOCAL_ASN
from prepared.inserts import insert
from prepared.queries import prepared
from transit import services as transit
from transit.models import TransitRouter
from tunnels.services import create_tunnels

UNBOUND: Final = (None, None)
"""The gateway addresses of a connection's two tunnels before it is bound."""


def create_connection(*, actor: Actor, new: NewConnection) -> IPsecConnection:
    """The new connection; the earlier one where the same token was already used. Raises `Refused`.

    The draft that it comes of goes with it.
    """
    try:
        with transaction.atomic(), audited_together():
            # One creation in an account at a time: a repeated one finds the first, and quotas are kept.
            [account] = _held(actor.account.pk)
            connection = _create(actor, new)
            _record_service_role(actor, account)
            _discard_draft(actor, new)
            return connection
    except (Refused, IntegrityError) as error:
        return _earlier(actor, new, error)


@prepared
def _held(account: int) -> QuerySet[Account]:
    return Account.objects.select_for_update(no_key=True).filter(pk=account)


def _earlier(actor: Actor, new: NewConnection, error: Refused | IntegrityError) -> IPsecConnection:
    """What is sent again is in its own way: the token is taken, the blocks are, the quota is used up."""
    earlier = earlier_connection(actor=actor, client_token=new.client_token)
    if earlier is None:
        raise lost_race(error, new.spec) if isinstance(error, IntegrityError) else error
    _discard_draft(actor, new)
    return earlier


def _discard_draft(actor: Actor, new: NewConnection) -> None:
    if new.client_token:
        discard_draft(actor=actor, token=new.client_token)


def _create(actor: Actor, new: NewConnection) -> IPsecConnection:
    found = look_up(actor, new, hold=True)
    if wrong := errors(found.findings):
        raise Refused(wrong)
    connection = _write_connection(actor, new, found)
    insert(routes_of_networks(connection))
    addresses = _attached(actor, connection, new, found.transit_router)
    _write_tunnels(actor, connection, found, addresses)
    audit(actor, "connection.create", connection.public_id, **_summary(new, found))
    return connection


def _write_connection(actor: Actor, new: NewConnection, found: Found) -> IPsecConnection:
    spec, bound = found.spec, found.transit_router is not None
    connection = IPsecConnection(
        account=actor.account,
        region=new.region,
        network_type=spec.network_type.value,
        binding=new.binding,
        **connection_columns(spec, local_asn=DEFAULT_LOCAL_ASN),
        state=IPsecConnection.State.ATTACHED if bound else IPsecConnection.State.INIT,
        created_by=actor.user,
        client_token=new.client_token,
    )
    connection.clean_fields(exclude=["account", "created_by"])
    return insert([connection])[0]


def _attached(
    actor: Actor, connection: IPsecConnection, new: NewConnection, router: TransitRouter | None
) -> Sequence[str | None]:
    """The gateway addresses that both tunnels get where the connection is bound at once."""
    if router is None:
        return UNBOUND
    transit.attach(
        actor=actor,
        connection=connection,
        transit_router=router,
        auto_publish_route=new.auto_publish_route,
        associate=new.associate,
        propagate=new.propagate,
    )
    return new_addresses(connection, router, len(UNBOUND))


def _write_tunnels(
    actor: Actor, connection: IPsecConnection, found: Found, addresses: Sequence[str | None]
) -> None:
    """In the order of their index, whichever order they were asked for in."""
    zones = tunnel_zones(connection.region)
    tunnels = sorted(found.spec.tunnels, key=lambda tunnel: tunnel.index)
    placed = [
        replace(tunnel, gateway_address=address, zone=zone if address else "")
        for tunnel, address, zone in zip(tunnels, addresses, zones, strict=True)
    ]
    wanted = [(one, found.gateways[one.peer.gateway_id]) for one in placed if one.peer]
    create_tunnels(actor=actor, connection=connection, wanted=wanted)


def _record_service_role(actor: Actor, account: Account) -> None:
    """AliyunServiceRoleForVpn: made with an account's first connection, never again. The account is held."""
    if account.service_role_created_at is None:
        account.service_role_created_at = now()
        account.save(update_fields=["service_role_created_at"])
        audit(actor, "service_role.create", "AliyunServiceRoleForVpn")


def _summary(new: NewConnection, found: Found) -> dict[str, Any]:
    spec = found.spec
    return {
        "name": spec.name,
        "region": new.region,
        "binding": new.binding,
        "cen": new.cen_id,
        "routing_mode": spec.routing_mode.value,
        "bgp": spec.bgp_enabled,
        "customer_gateways": [tunnel.peer.gateway_id for tunnel in spec.tunnels if tunnel.peer],
    }
