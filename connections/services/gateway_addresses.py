"""Gateway addresses of a connection's tunnels: handed out when it is bound, given back when it is unbound."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address

from django.db.models import QuerySet

from accounts.regions import tunnel_zones
from connections.models import IPsecConnection
from gateways.models import CustomerGateway
from ipsec.algorithms import NetworkType
from prepared.queries import prepared
from transit import addresses
from transit.models import TransitRouter
from tunnels.models import Tunnel
from tunnels.services import bind_tunnel, unbind_tunnel


def give_addresses(connection: IPsecConnection, router: TransitRouter) -> None:
    """With the zones. `Refused` where the pool has not enough left."""
    tunnels = [*connection.tunnels.defer("psk").order_by("index")]
    zones = tunnel_zones(connection.region)
    for tunnel, address in zip(tunnels, new_addresses(connection, router, len(tunnels)), strict=True):
        bind_tunnel(tunnel=tunnel, gateway_address=address, zone=zones[tunnel.index - 1])


def new_addresses(connection: IPsecConnection, router: TransitRouter, number: int) -> list[str]:
    """For so many of its tunnels, in the caller's transaction."""
    return addresses.allocate(pool_of=_pool_of(connection, router), taken=in_use, number=number)


def take_addresses(connection: IPsecConnection, tunnels: Iterable[Tunnel]) -> None:
    """The tunnels go down with them."""
    pool = _pool_of(connection, connection.attachment.transit_router)
    for tunnel in tunnels:
        address = tunnel.gateway_address
        unbind_tunnel(tunnel=tunnel)
        if address:
            addresses.release(address, pool_of=pool)


def _pool_of(connection: IPsecConnection, router: TransitRouter) -> addresses.PoolOf:
    return addresses.PUBLIC if connection.network_type == NetworkType.PUBLIC else router


def in_use(addresses: Sequence[str]) -> set[str]:
    """Those of them that are a tunnel's or a customer gateway's: a gateway address is nobody else's."""
    return {str(one) for one in _used([*map(IPv4Address, addresses)])}


@prepared
def _used(addresses: list[IPv4Address]) -> "QuerySet[Tunnel, str | None]":
    tunnels = Tunnel.objects.filter(gateway_address__in=addresses).order_by()
    gateways = CustomerGateway.objects.filter(address__in=addresses).order_by()
    own = tunnels.values_list("gateway_address", flat=True)
    return own.union(gateways.values_list("address", flat=True))
