"""Bind a connection to a transit router of its own account, and unbind it again."""

from django.db import transaction

from accounts.actor import Actor, audit
from accounts.refusal import Refused, refuse
from accounts.regions import tunnel_zones
from connections.models import IPsecConnection
from gateways.models import CustomerGateway
from ipsec.algorithms import NetworkType
from ipsec.rules import Surroundings, check_connection, errors
from transit import addresses
from transit import services as transit
from transit.models import TransitRouter, VpnAttachment
from transit.queries import transit_router_facts
from tunnels.models import Because, Tunnel
from tunnels.services import bind_tunnel, hold_runs, start_negotiation, unbind_tunnel
from tunnels.spec import connection_spec


def attach(
    *,
    actor: Actor,
    connection: IPsecConnection,
    transit_router: TransitRouter,
    auto_publish_route: bool,
    associate: bool,
    propagate: bool,
) -> VpnAttachment:
    """Attach and hand out zones and gateway addresses, in the caller's transaction."""
    attachment = transit.attach(
        actor=actor,
        connection=connection,
        transit_router=transit_router,
        auto_publish_route=auto_publish_route,
        associate=associate,
        propagate=propagate,
    )
    pool = pool_of(connection, transit_router)
    zones = tunnel_zones(connection.region)
    for tunnel in connection.tunnels.defer("psk").order_by("index"):
        address = addresses.allocate(pool_of=pool, taken=address_is_taken)
        bind_tunnel(tunnel=tunnel, gateway_address=address, zone=zones[tunnel.index - 1])
    connection.state = IPsecConnection.State.ATTACHED
    connection.save(update_fields=["state"])
    return attachment


def pool_of(connection: IPsecConnection, router: TransitRouter) -> addresses.PoolOf:
    return addresses.PUBLIC if connection.network_type == NetworkType.PUBLIC else router


def address_is_taken(address: str) -> bool:
    """A gateway address is nobody else's: no tunnel's, no customer gateway's."""
    return (
        Tunnel.objects.filter(gateway_address=address).exists()
        or CustomerGateway.objects.filter(address=address).exists()
    )


def bind(
    *,
    actor: Actor,
    connection: IPsecConnection,
    transit_router: TransitRouter,
    auto_publish_route: bool = True,
    associate: bool = True,
    propagate: bool = True,
) -> IPsecConnection:
    """Bind an unbound connection to a transit router of the same account and region. Raises `Refused`."""
    with transaction.atomic():
        connection = locked(connection)
        must_be(connection, IPsecConnection.State.INIT, "connection_bound")
        _check_binding(connection, transit_router)
        hold_runs(connection_id=connection.pk)
        attach(
            actor=actor,
            connection=connection,
            transit_router=transit_router,
            auto_publish_route=auto_publish_route,
            associate=associate,
            propagate=propagate,
        )
        connection.binding = IPsecConnection.Binding.OWN
        connection.save(update_fields=["binding"])
        audit(actor, "connection.bind", connection.public_id, transit_router=transit_router.public_id)
        for tunnel in connection.tunnels.defer("psk").order_by("index"):
            start_negotiation(tunnel=tunnel, because=Because.BOUND)
    return connection


def _check_binding(connection: IPsecConnection, router: TransitRouter) -> None:
    if router.cen.account_id != connection.account_id:
        raise refuse("cen", "cen_unknown")
    if router.region != connection.region:
        raise refuse("cen", "transit_router_missing", region=connection.region)
    surroundings = Surroundings(transit_router=transit_router_facts(router), bind_now=True)
    findings = check_connection(connection_spec(connection, with_secrets=False), surroundings)
    wrong = [finding for finding in errors(findings) if finding.field == "cen"]
    if wrong:
        raise Refused(wrong)


def unbind(*, actor: Actor, connection: IPsecConnection) -> IPsecConnection:
    """Take a connection off its transit router: its gateway addresses go back, its tunnels go down.

    The ties to route tables go with it, as with the API's `Force`.
    """
    with transaction.atomic():
        connection = locked(connection)
        must_be(connection, IPsecConnection.State.ATTACHED, "not_bound")
        pool = pool_of(connection, connection.attachment.transit_router)
        for tunnel in connection.tunnels.defer("psk").order_by("index"):
            address = tunnel.gateway_address
            unbind_tunnel(tunnel=tunnel)
            if address:
                addresses.release(address, pool_of=pool)
        transit.detach(actor=actor, attachment=connection.attachment, force=True)
        connection.state = IPsecConnection.State.INIT
        connection.save(update_fields=["state"])
        audit(actor, "connection.unbind", connection.public_id)
    return connection


def must_be(connection: IPsecConnection, state: str, otherwise: str) -> None:
    """Refuse with `otherwise` unless the connection is in `state`, and while it is on its way to another."""
    settled = (IPsecConnection.State.INIT, IPsecConnection.State.ATTACHED)
    if connection.state not in settled:
        raise refuse("connection", "connection_busy")
    if connection.state != state:
        raise refuse("connection", otherwise)


def locked(connection: IPsecConnection) -> IPsecConnection:
    row = IPsecConnection.objects.select_for_update(no_key=True).filter(pk=connection.pk).first()
    if row is None:  # deleted at this moment
        raise refuse("connection", "connection_busy")
    return row
