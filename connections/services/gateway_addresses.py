"""Gateway addresses of a connection's tunnels: handed out when it is bound, given back when it is unbound."""

from collections.abc import Iterable

from accounts.regions import tunnel_zones
from connections.models import IPsecConnection
from gateways.models import CustomerGateway
from ipsec.algorithms import NetworkType
from transit import addresses
from transit.models import TransitRouter
from tunnels.models import Tunnel
from tunnels.services import bind_tunnel, unbind_tunnel


def give_addresses(connection: IPsecConnection, router: TransitRouter) -> None:
    """With the zones. `Refused` where the pool has none left."""
    pool = _pool_of(connection, router)
    zones = tunnel_zones(connection.region)
    for tunnel in connection.tunnels.defer("psk").order_by("index"):
        address = addresses.allocate(pool_of=pool, taken=address_is_taken)
        bind_tunnel(tunnel=tunnel, gateway_address=address, zone=zones[tunnel.index - 1])


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


def address_is_taken(address: str) -> bool:
    """A gateway address is nobody else's: no tunnel's, no customer gateway's."""
    return (
        Tunnel.objects.filter(gateway_address=address).exists()
        or CustomerGateway.objects.filter(address=address).exists()
    )
