"""Gateway addresses of a connection's tunnels: handed out when it is bound, given back when it is unbound."""

from collections.abc import Iterable, Sequence

from accounts.regions import tunnel_zones
from connections.models import IPsecConnection
from gateways.models import CustomerGateway
from ipsec.algorithms import NetworkType
from transit import addresses
from transit.models import TransitRouter
from tunnels.models import Tunnel
from tunnels.services import bind_tunnel, unbind_tunnel


def places_for(connection: IPsecConnection, router: TransitRouter) -> list[tuple[str, str]]:
    """Gateway address and zone of both tunnels, in the order of their index. `Refused` where the pool has not
    two addresses left."""
    zones = tunnel_zones(connection.region)
    pool = _pool_of(connection, router)
    found = addresses.allocate(pool_of=pool, taken=in_use, number=len(zones))
    return [*zip(found, zones, strict=True)]


def give_addresses(connection: IPsecConnection, router: TransitRouter) -> None:
    """To the tunnels that there are."""
    tunnels = connection.tunnels.defer("psk").order_by("index")
    for tunnel, (address, zone) in zip(tunnels, places_for(connection, router), strict=True):
        bind_tunnel(tunnel=tunnel, gateway_address=address, zone=zone)


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
    tunnels = Tunnel.objects.filter(gateway_address__in=addresses).order_by()
    gateways = CustomerGateway.objects.filter(address__in=addresses).order_by()
    own = tunnels.values_list("gateway_address", flat=True)
    return {str(one) for one in own.union(gateways.values_list("address", flat=True))}
