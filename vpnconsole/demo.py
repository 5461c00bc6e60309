"""The demo: two accounts with something to see. Everything in it is made by the services that users call."""

import secrets
import string

from django.conf import settings

from accounts.actor import Actor
from accounts.models import Account, Role, User
from accounts.services import add_membership, create_account, create_user
from connections.models import IPsecConnection
from connections.services import NewConnection, create_connection
from gateways.models import CustomerGateway
from gateways.services import create_customer_gateway
from ipsec.algorithms import DhGroup, Encryption, Integrity, Pfs, RoutingMode
from ipsec.spec import BgpSpec, ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec
from transit.models import Cen
from transit.services import create_cen, create_transit_router
from tunnels.models import PeerDevice
from vpnconsole.environment import env_str, kept_secret

HANGZHOU = "cn-hangzhou"
FRANKFURT = "eu-central-1"
PASSWORD_FILE = "demo-password"  # noqa: S105 - a file's name
STRONG_IKE = IkeSpec(encryption=Encryption.AES256, integrity=Integrity.SHA256, dh_group=DhGroup.GROUP14)
STRONG_CHILD = ChildSpec(encryption=Encryption.AES256, integrity=Integrity.SHA256, pfs=Pfs.GROUP14)


def demo_password() -> str:
    """DEMO_PASSWORD at the first start, else a random one; kept in VAR_DIR, readable by its owner only."""
    return kept_secret(settings.VAR_DIR / PASSWORD_FILE, lambda: env_str("DEMO_PASSWORD") or _random())


def _random() -> str:
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(16))


def load() -> bool:
    """Load the demo into a database without users; False where there is somebody already."""
    if User.objects.exists():
        return False
    password = demo_password()
    account = create_account(name="Demo Networks", is_demo=True)
    other = create_account(name="Demo Partner", is_demo=True)
    actor = _people(account, other, password)
    _cloud(Actor(account=other, user=actor.user, role=Role.ADMIN), "partner-cen", FRANKFURT, "10.240.0.0/24")
    hangzhou = _cloud(actor, "headquarters-cen", HANGZHOU, "10.250.0.0/24")
    frankfurt = _cloud(actor, "europe-cen", FRANKFURT, "10.251.0.0/24")
    _bgp_connection(actor, hangzhou)
    _policy_connection(actor, frankfurt)
    return True


def _people(account: Account, other: Account, password: str) -> Actor:
    """`demo` runs both accounts; `demo-viewer` only reads the first."""
    demo = create_user(username="demo", password=password)
    actor = Actor(account=account, user=demo, role=Role.ADMIN)
    add_membership(actor, user=demo, role=Role.ADMIN)
    add_membership(Actor(account=other, user=demo, role=Role.ADMIN), user=demo, role=Role.ADMIN)
    viewer = create_user(username="demo-viewer", password=password)
    add_membership(actor, user=viewer, role=Role.VIEWER)
    return actor


def _cloud(actor: Actor, name: str, region: str, cidr: str) -> Cen:
    cen = create_cen(actor=actor, name=name)
    create_transit_router(actor=actor, cen=cen, region=region, name=f"{name}-{region}", cidrs=[cidr])
    return cen


def _gateway(actor: Actor, region: str, name: str, address: str, asn: str = "") -> CustomerGateway:
    return create_customer_gateway(actor=actor, region=region, name=name, address=address, asn=asn)


def _bgp_connection(actor: Actor, cen: Cen) -> None:
    """Destination routing with BGP over two devices: comes up."""
    gateways = [
        _gateway(actor, HANGZHOU, "dc-edge-1", "203.0.113.11", "65530"),
        _gateway(actor, HANGZHOU, "dc-edge-2", "203.0.113.12", "65530"),
    ]
    # Left for the visitor's own connections: two more devices that speak BGP, one that does not.
    _gateway(actor, HANGZHOU, "dc-edge-3", "203.0.113.13", "65530")
    _gateway(actor, HANGZHOU, "dc-edge-4", "203.0.113.14", "65530")
    _gateway(actor, HANGZHOU, "branch-router", "203.0.113.40")
    spec = ConnectionSpec(
        name="dc-to-hangzhou",
        bgp_enabled=True,
        tunnels=tuple(
            TunnelSpec(
                index=index,
                peer=PeerSpec(address="", gateway_id=gateway.public_id),
                ike=STRONG_IKE,
                child=STRONG_CHILD,
                bgp=BgpSpec(tunnel_cidr=f"169.254.{200 + index * 10}.0/30"),
            )
            for index, gateway in enumerate(gateways, start=1)
        ),
    )
    new = NewConnection(spec=spec, region=HANGZHOU, cen_id=cen.public_id)
    connection = create_connection(actor=actor, new=new)
    # What the data centre tells the cloud by BGP, so that packets find their way back.
    devices = PeerDevice.objects.filter(tunnel__connection=connection)
    devices.update(advertised_networks=["192.168.0.0/16"])


def _policy_connection(actor: Actor, cen: Cen) -> None:
    """Protected data flows; tunnel 2's device has another encryption algorithm in phase 2."""
    gateways = [
        _gateway(actor, FRANKFURT, "fra-firewall-1", "198.51.100.21"),
        _gateway(actor, FRANKFURT, "fra-firewall-2", "198.51.100.22"),
    ]
    spec = ConnectionSpec(
        name="branch-frankfurt",
        routing_mode=RoutingMode.POLICY,
        local_networks=("10.10.0.0/16", "10.11.0.0/16"),
        remote_networks=("192.168.10.0/24", "192.168.20.0/24", "192.168.30.0/24"),
        tunnels=tuple(
            TunnelSpec(
                index=index,
                peer=PeerSpec(address="", gateway_id=gateway.public_id),
                ike=STRONG_IKE,
                child=STRONG_CHILD,
            )
            for index, gateway in enumerate(gateways, start=1)
        ),
    )
    new = NewConnection(spec=spec, region=FRANKFURT, cen_id=cen.public_id)
    connection = create_connection(actor=actor, new=new)
    _misconfigure(connection)


def _misconfigure(connection: IPsecConnection) -> None:
    device = PeerDevice.objects.get(tunnel__connection=connection, tunnel__index=2)
    device.child_proposals = [["3des", "sha256", "group14"]]
    device.save(update_fields=["child_proposals"])
