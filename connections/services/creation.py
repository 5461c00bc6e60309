"""Create a connection with its two tunnels: all of it or nothing, and once however often it is sent."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts.actor import Actor, audit
from accounts.models import Account
from accounts.refusal import Refused
from connections.models import IPsecConnection
from connections.services.binding import attach
from connections.services.columns import connection_columns
from connections.services.races import hold_gateways, lost_race
from connections.services.request import Found, NewConnection, look_up
from connections.services.routes import follow_networks
from ipsec.findings import Finding
from ipsec.rules import errors
from ipsec.spec import DEFAULT_LOCAL_ASN, ConnectionSpec
from tunnels.models import Because, Tunnel
from tunnels.services import create_tunnel, start_negotiation


def check_new(*, actor: Actor, new: NewConnection) -> list[Finding]:
    """Everything the rules say of the request; what `create_connection` would refuse are the errors."""
    return [*look_up(actor, new).findings]


def earlier_connection(*, actor: Actor, client_token: str | None) -> IPsecConnection | None:
    """What was created with this token before. A token means one connection, whatever comes with it later."""
    if not client_token:
        return None
    return IPsecConnection.objects.filter(account=actor.account, client_token=client_token).first()


def create_connection(*, actor: Actor, new: NewConnection) -> IPsecConnection:
    """The new connection; the earlier one where the same token was already used. Raises `Refused`."""
    try:
        with transaction.atomic():
            # One creation in an account at a time: a repeated one finds the first, and quotas are kept.
            Account.objects.select_for_update(no_key=True).get(pk=actor.account.pk)
            earlier = earlier_connection(actor=actor, client_token=new.client_token)
            return earlier or _create(actor, new)
    except IntegrityError as error:
        raise lost_race(error, new.spec) from error


def _create(actor: Actor, new: NewConnection) -> IPsecConnection:
    hold_gateways(actor.account, new.region, new.spec)
    found = look_up(actor, new)
    if wrong := errors(found.findings):
        raise Refused(wrong)
    connection = _write_connection(actor, new, found.spec)
    tunnels = _write_tunnels(actor, connection, found)
    follow_networks(connection)
    if found.transit_router is not None:
        attach(
            actor=actor,
            connection=connection,
            transit_router=found.transit_router,
            auto_publish_route=new.auto_publish_route,
            associate=new.associate,
            propagate=new.propagate,
        )
        connection.state = IPsecConnection.State.ATTACHED
        connection.save(update_fields=["state"])
    _record_service_role(actor)
    audit(actor, "connection.create", connection.public_id, **_summary(new, found))
    for tunnel in tunnels:
        start_negotiation(tunnel=tunnel, because=Because.CREATED)
    return connection


def _write_connection(actor: Actor, new: NewConnection, spec: ConnectionSpec) -> IPsecConnection:
    connection = IPsecConnection(
        account=actor.account,
        region=new.region,
        network_type=spec.network_type.value,
        binding=new.binding,
        **connection_columns(spec, local_asn=DEFAULT_LOCAL_ASN),
        created_by=actor.user,
        client_token=new.client_token,
    )
    connection.full_clean(validate_unique=False, validate_constraints=False)
    connection.save(force_insert=True)
    return connection


def _write_tunnels(actor: Actor, connection: IPsecConnection, found: Found) -> list[Tunnel]:
    """In the order of their index, whichever order they were asked for in."""
    return [
        create_tunnel(
            actor=actor,
            connection=connection,
            spec=tunnel,
            customer_gateway=found.gateways[tunnel.peer.gateway_id],
        )
        for tunnel in sorted(found.spec.tunnels, key=lambda tunnel: tunnel.index)
        if tunnel.peer
    ]


def _record_service_role(actor: Actor) -> None:
    """AliyunServiceRoleForVpn: made with an account's first connection, never again."""
    first = Account.objects.filter(pk=actor.account.pk, service_role_created_at=None)
    if first.update(service_role_created_at=now()):
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
