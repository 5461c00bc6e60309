"""The connection as a picture: cloud networks, transit router, two tunnels, devices, data centre."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from types import MappingProxyType
from typing import Final
from unicodedata import east_asian_width

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections.models import IPsecConnection
from connections.preview.outlook import TunnelOutlook
from connections.services.request import Found
from ipsec.addresses import default_local_bgp_ip
from ipsec.algorithms import RoutingMode
from ipsec.spec import ANY_NETWORK, ConnectionSpec, TunnelSpec
from transit.models import TransitRouter
from tunnels.looks import look
from tunnels.models import Status, Tunnel

SHOWN: Final = 18
"""Columns of a name that fit into a box; a Chinese character takes two."""
ROUTER_SHOWN: Final = 28
NETWORKS_SHOWN: Final = 40
"""The boxes of the transit router and of the networks are wider, and their letters narrower."""
SHORT_WORDS: Final[Mapping[str, "str | Promise"]] = MappingProxyType(
    {
        Status.IKE_DOWN: _("Phase 1 failed"),
        Status.IKE_UP: _("Phase 1 is up"),
        Status.CHILD_DOWN: _("Phase 2 failed"),
        Status.CHILD_UP: _("Phase 2 is up"),
    }
)
"""State words that fit beside a line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One tunnel. `role` is the look's, which the drawing also says in words and by its stroke."""

    index: int
    device: str
    device_address: str
    device_asn: str
    zone: str
    bgp: str
    role: str
    word: "str | Promise"


@dataclass(frozen=True, slots=True)
class Topology:
    """Texts of the drawing, already short enough; `one_device` joins the two devices into one box."""

    cloud: tuple[str, ...]
    router: str
    lines: tuple[Line, ...]
    data_centre: tuple[str, ...]
    one_device: bool


def topology(spec: ConnectionSpec, found: Found, outlooks: Sequence[TunnelOutlook]) -> Topology:
    """`spec` is the found one with its tunnels' zones."""
    peers = {tunnel.peer.gateway_id for tunnel in spec.tunnels if tunnel.peer}
    chosen = sum(tunnel.peer is not None for tunnel in spec.tunnels)
    router = found.transit_router
    return Topology(
        cloud=networks_shown(spec.local_selectors),
        router=shortened(router.name or router.public_id, ROUTER_SHOWN) if router else "",
        lines=tuple(
            _line(spec, tunnel, one, found) for tunnel, one in zip(spec.tunnels, outlooks, strict=True)
        ),
        data_centre=networks_shown(spec.remote_selectors),
        one_device=chosen > 1 and len(peers) == 1,
    )


def topology_now(connection: IPsecConnection, tunnels: Sequence[Tunnel]) -> Topology:
    """Of a connection that exists, with the states that its tunnels are in. Reads nothing more."""
    attachment = getattr(connection, "attachment", None)
    policy = connection.routing_mode == RoutingMode.POLICY
    return Topology(
        cloud=networks_shown(connection.local_networks if policy else [ANY_NETWORK]),
        router=_router_now(connection, attachment.transit_router) if attachment else "",
        lines=tuple(_line_now(tunnel) for tunnel in tunnels),
        data_centre=networks_shown(connection.remote_networks if policy else [ANY_NETWORK]),
        one_device=len({tunnel.customer_gateway_id for tunnel in tunnels}) == 1,
    )


def _router_now(connection: IPsecConnection, router: TransitRouter) -> str:
    """Another account's names are its own."""
    own = router.cen.account_id == connection.account_id
    return shortened((own and router.name) or router.public_id, ROUTER_SHOWN)


def _line_now(tunnel: Tunnel) -> Line:
    gateway, seen = tunnel.customer_gateway, look(tunnel.run)
    return Line(
        index=tunnel.index,
        device=shortened(gateway.name or gateway.public_id),
        device_address=gateway.address,
        device_asn=f"AS {gateway.asn}" if gateway.asn and tunnel.tunnel_cidr else "",
        zone=tunnel.zone,
        bgp=tunnel.local_bgp_address,
        role=seen.role,
        word=seen.word if tunnel.run.out_of_service else SHORT_WORDS.get(tunnel.run.status, seen.word),
    )


def _line(spec: ConnectionSpec, tunnel: TunnelSpec, one: TunnelOutlook, found: Found) -> Line:
    gateway = found.gateways.get(tunnel.peer.gateway_id) if tunnel.peer else None
    return Line(
        index=tunnel.index,
        device=shortened(gateway.name or gateway.public_id) if gateway else "",
        device_address=gateway.address if gateway else "",
        device_asn=f"AS {gateway.asn}" if gateway and gateway.asn and spec.bgp_enabled else "",
        zone=tunnel.zone,
        bgp=_bgp(tunnel),
        role=one.look.role,
        word=one.look.word,
    )


def _bgp(tunnel: TunnelSpec) -> str:
    """The cloud's BGP address, where the block is one."""
    if tunnel.bgp is None or not tunnel.bgp.tunnel_cidr:
        return ""
    try:
        return tunnel.bgp.local_ip or default_local_bgp_ip(tunnel.bgp.tunnel_cidr)
    except ValueError:
        return ""


def networks_shown(networks: Sequence[str]) -> tuple[str, ...]:
    """As many as fit, and how many more there are."""
    every = [shortened(network) for network in networks if network]
    for number in range(len(every), 0, -1):
        more = [f"+{len(every) - number}"] if number < len(every) else []
        if len(" ".join((*every[:number], *more))) <= NETWORKS_SHOWN:
            return (*every[:number], *more)
    return ()


def shortened(text: str, fit: int = SHOWN) -> str:
    ends = [*accumulate(2 if east_asian_width(one) in "WF" else 1 for one in text)]
    return text if not ends or ends[-1] <= fit else text[: bisect_right(ends, fit - 1)] + "…"
