"""Every address of the console, and an estate for each tenant that its ids are taken from."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import Account, Membership, Role, User
from connections.models import CrossAccountGrant, DestinationRoute, IPsecConnection, SavedFilter
from gateways.models import CustomerGateway
from transit.models import Cen, ResourceGroup, RouteTable, TransitRouter, TransitRouterCidr, VpnAttachment
from tunnels.models import NegotiationRun, PeerDevice, Tunnel, TunnelEvent

REGION = "cn-hangzhou"
PSK, AUTH_KEY, PEER_PSK = "Marker-PSK-0815", "Marker-BGP-4711", "Marker-Peer-PSK-1234"
SECRETS = (PSK, AUTH_KEY, PEER_PSK)

OPEN = {"livez", "readyz", "metrics", "set-theme", "set_language", "signin", "signout", "setup"}
"""What works without a session."""

OWN_AFFAIRS = {"change-password", "switch-account", "connections:save-filter", "connections:delete-filter"}
"""What even a viewer writes: their own things."""

ONES_OWN = {"connections:delete-filter"}
"""What belongs to one user, not to the account: others of the account do not find it either."""

REVEALS = ("tunnels:reveal", "connections:peer-configuration-reveal")
"""What answers a POST with a secret. A download does, too, where its form says so."""

READ_BY_POST = {"connections:download"}
"""What writes nothing: a file without keys for a viewer, whatever they ask for."""


@dataclass(frozen=True)
class Estate:
    """One thing of each kind, all of one account."""

    member: Membership
    group: ResourceGroup
    cen: Cen
    router: TransitRouter
    cidr: TransitRouterCidr
    table: RouteTable
    gateway: CustomerGateway
    connection: IPsecConnection
    tunnel: Tunnel
    route: DestinationRoute
    attachment: VpnAttachment
    grant: CrossAccountGrant
    """Of its connection, to a partner's CEN instance."""
    granted: CrossAccountGrant
    """Of a partner's connection, to its CEN instance."""
    saved_filter: SavedFilter


IDS: Mapping[str, Callable[[Estate], str]] = {
    "member_id": lambda estate: estate.member.public_id,
    "group_id": lambda estate: estate.group.public_id,
    "cen_id": lambda estate: estate.cen.public_id,
    "router_id": lambda estate: estate.router.public_id,
    "cidr_id": lambda estate: estate.cidr.public_id,
    "table_id": lambda estate: estate.table.public_id,
    "gateway_id": lambda estate: estate.gateway.public_id,
    "connection_id": lambda estate: estate.connection.public_id,
    "tunnel_id": lambda estate: estate.tunnel.public_id,
    "filter_id": lambda estate: estate.saved_filter.public_id,
    "attachment_id": lambda estate: estate.attachment.public_id,
    "grant_id": lambda estate: estate.grant.public_id,
    "granted_id": lambda estate: estate.granted.public_id,
    "permalink": lambda estate: estate.tunnel.events.order_by("pk")[0].permalink,
}
"""Parameters of addresses that name a thing of an account. A new one belongs here, or in FIXED."""

FIXED: Mapping[str, str] = {"vendor": "strongswan", "index": "1"}
"""Parameters that name what every account has."""


@dataclass(frozen=True)
class Door:
    """One address: its name, and the names of its parameters."""

    name: str
    parameters: tuple[str, ...]
    callback: Any

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(name for name in self.parameters if name in IDS)

    def url(self, estate: Estate, foreign: Mapping[str, Estate] | None = None) -> str:
        """The address of things of `estate`; `foreign` names parameters that are taken from another one."""
        owners = dict.fromkeys(self.ids, estate) | dict(foreign or {})
        values = {name: IDS[name](owner) for name, owner in owners.items()}
        values |= {name: FIXED[name] for name in self.parameters if name not in IDS}
        return reverse(self.name, kwargs=values)

    def __str__(self) -> str:
        return self.name


def doors() -> list[Door]:
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver: URLResolver, namespace: str, parameters: tuple[str, ...]) -> Iterator[Door]:
    for entry in resolver.url_patterns:
        names = (*parameters, *entry.pattern.converters)
        if isinstance(entry, URLPattern):
            yield Door(f"{namespace}{entry.name}", names, entry.callback)
        else:
            yield from _walk(entry, namespace + (f"{entry.namespace}:" if entry.namespace else ""), names)


ALL = doors()
GUARDED = [door for door in ALL if door.name not in OPEN]
WITH_IDS = [door for door in GUARDED if door.ids]


def named(name: str) -> Door:
    return next(door for door in ALL if door.name == name)


def estate_of(account: Account, number: int) -> Estate:
    """`number` tells the addresses of one estate from another's."""
    user = User.objects.create_user(f"bystander{number}")
    cen = Cen.objects.create(account=account, resource_group=_group(account, "default", is_default=True))
    router = TransitRouter.objects.create(cen=cen, region=REGION)
    gateway = CustomerGateway.objects.create(
        account=account,
        region=REGION,
        name="edge",
        address=f"203.0.113.{number}",
        asn=65001,
        auth_key=AUTH_KEY,
    )
    connection = IPsecConnection.objects.create(account=account, region=REGION, name="main", state="attached")
    tunnels = [_tunnel(connection, gateway, index, number) for index in (1, 2)]
    partner = Account.objects.create(name=f"Partner {number}")
    theirs = Cen.objects.create(account=partner, resource_group=_group(partner, "default", is_default=True))
    loose = IPsecConnection.objects.create(account=partner, region=REGION)
    return Estate(
        member=Membership.objects.create(account=account, user=user, role=Role.VIEWER),
        group=_group(account, "spare"),
        cen=cen,
        router=router,
        cidr=TransitRouterCidr.objects.create(transit_router=router, cidr="10.99.0.0/24"),
        table=RouteTable.objects.create(transit_router=router),
        gateway=gateway,
        connection=connection,
        tunnel=tunnels[0],
        route=DestinationRoute.objects.create(connection=connection, destination="10.1.0.0/16"),
        attachment=VpnAttachment.objects.create(transit_router=router, connection=connection),
        grant=CrossAccountGrant.objects.create(connection=connection, cen=theirs),
        granted=CrossAccountGrant.objects.create(connection=loose, cen=cen),
        saved_filter=SavedFilter.objects.create(account=account, user=user, name="mine", query="q=main"),
    )


def _group(account: Account, name: str, *, is_default: bool = False) -> ResourceGroup:
    return ResourceGroup.objects.create(account=account, name=name, is_default=is_default)


def _tunnel(connection: IPsecConnection, gateway: CustomerGateway, index: int, number: int) -> Tunnel:
    tunnel = Tunnel.objects.create(
        connection=connection,
        index=index,
        customer_gateway=gateway,
        gateway_address=f"198.18.{number}.{index}",
        psk=PSK,
        ike_version="ikev2",
        ike_mode="main",
        ike_encryption="aes256",
        ike_integrity="sha256",
        ike_dh_group="group14",
        ike_lifetime=86400,
        child_encryption="aes256",
        child_integrity="sha256",
        child_pfs="group14",
        child_lifetime=86400,
        tunnel_cidr=f"169.254.{10 * number}.{4 * index}/30",
    )
    PeerDevice.objects.create(tunnel=tunnel, psk=PEER_PSK)
    NegotiationRun.objects.create(tunnel=tunnel)
    TunnelEvent.objects.create(tunnel=tunnel, at=timezone.now(), kind="started", message="created")
    return tunnel
