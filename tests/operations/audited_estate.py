"""A tenant with one of everything, made by the services that users call."""

from dataclasses import dataclass

from accounts.actor import Actor
from accounts.models import Membership, Role
from accounts.services import add_membership, create_user
from connections.models import IPsecConnection
from connections.services import NewConnection, create_connection
from gateways.models import CustomerGateway
from gateways.services import create_customer_gateway
from ipsec.spec import BgpSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec
from transit.models import Cen, TransitRouter
from transit.services import create_cen, create_transit_router
from tunnels.models import Tunnel

REGION = "cn-hangzhou"
PSK, AUTH_KEY, PASSWORD = "Marker-Psk-7261", "Marker-Bgp-8812", "Marker-Password-5530"
SECRETS = (PSK, AUTH_KEY, PASSWORD)


@dataclass(frozen=True)
class Estate:
    actor: Actor
    cen: Cen
    router: TransitRouter
    gateways: tuple[CustomerGateway, CustomerGateway]
    connection: IPsecConnection
    member: Membership

    @property
    def tunnel(self) -> Tunnel:
        return self.connection.tunnels.get(index=1)


def estate_of(actor: Actor) -> Estate:
    cen = create_cen(actor=actor, name="backbone")
    router = create_transit_router(actor=actor, cen=cen, region=REGION, cidrs=["10.99.0.0/24"])
    gateways = (gateway_of(actor, "203.0.113.1"), gateway_of(actor, "203.0.113.2"))
    user = create_user(username="mia", password=PASSWORD)
    return Estate(
        actor=actor,
        cen=cen,
        router=router,
        gateways=gateways,
        connection=connection_of(actor, cen, gateways),
        member=add_membership(actor, user=user, role=Role.VIEWER),
    )


def gateway_of(actor: Actor, address: str) -> CustomerGateway:
    return create_customer_gateway(
        actor=actor, region=REGION, name="edge", address=address, asn="65001", auth_key=AUTH_KEY
    )


def connection_of(
    actor: Actor,
    cen: Cen | None,
    gateways: tuple[CustomerGateway, CustomerGateway],
    name: str = "main",
    block: int = 10,
) -> IPsecConnection:
    """Bound to the CEN instance's transit router; without one, for another account to bind."""
    tunnels = tuple(
        TunnelSpec(
            index=index,
            peer=PeerSpec("", gateway_id=gateway.public_id),
            ike=IkeSpec(psk=PSK),
            bgp=BgpSpec(tunnel_cidr=f"169.254.{block + index}.0/30"),
        )
        for index, gateway in enumerate(gateways, start=1)
    )
    spec = ConnectionSpec(name=name, bgp_enabled=True, tunnels=tunnels)
    own = NewConnection(spec, REGION, cen_id=cen.public_id) if cen else None
    return create_connection(actor=actor, new=own or NewConnection(spec, REGION, binding="cross"))
