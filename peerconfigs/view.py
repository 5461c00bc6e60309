"""The connection as the data centre sees it: computed once, used by every vendor.

`ipsec.spec` speaks from the cloud, so its *local* is this module's *remote*. A view is complete and its
addresses are well formed; a spec that gives none is refused with findings.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ipsec import addresses
from ipsec.algorithms import NetworkType, RoutingMode
from ipsec.findings import Finding
from ipsec.spec import BgpSpec, ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec
from peerconfigs.document import RenderRefused
from peerconfigs.findings import Code, error

BGP_KEEPALIVE = 10
BGP_HOLD_TIME = 30
"""Seconds; short, because BGP is what moves traffic off a failed tunnel. The lower hold time of two wins."""


@dataclass(frozen=True, slots=True)
class PeerBgp:
    """BGP of one tunnel; addresses are the two hosts of the /30. `auth_key` empty means: none."""

    tunnel_cidr: str
    local_ip: str
    remote_ip: str
    local_asn: int
    remote_asn: int
    auth_key: str = field(default="", repr=False)

    @property
    def interface_address(self) -> str:
        """Own address with the prefix length of the tunnel CIDR."""
        return f"{self.local_ip}/{self.tunnel_cidr.partition('/')[2]}"


@dataclass(frozen=True, slots=True)
class PeerTunnel:
    """One tunnel. `ike` holds the identities the device's way round, both filled in."""

    index: int
    tunnel_id: str
    local_address: str
    remote_address: str
    ike: IkeSpec
    child: ChildSpec
    dpd: bool
    nat_traversal: bool
    bgp: PeerBgp | None


@dataclass(frozen=True, slots=True)
class PeerView:
    """A bound dual-tunnel connection, the data centre's way round."""

    name: str
    connection_id: str
    network_type: NetworkType
    routing_mode: RoutingMode
    effect_immediately: bool
    """Whether the cloud starts negotiating by itself, or waits for traffic."""
    local_selectors: tuple[str, ...]
    remote_selectors: tuple[str, ...]
    tunnels: tuple[PeerTunnel, ...]

    @property
    def needs_cloud_networks(self) -> bool:
        """Routes to the cloud are needed and known neither by selector nor by BGP."""
        return self.routing_mode is RoutingMode.DESTINATION and not all(tunnel.bgp for tunnel in self.tunnels)


def flip(spec: ConnectionSpec) -> PeerView:
    """The data centre's view of `spec`; `RenderRefused` with `flaws(spec)` where there is none."""
    found = flaws(spec)
    if found:
        raise RenderRefused(found)
    return PeerView(
        name=spec.name,
        connection_id=spec.connection_id,
        network_type=spec.network_type,
        routing_mode=spec.routing_mode,
        effect_immediately=spec.effect_immediately,
        local_selectors=spec.remote_selectors,
        remote_selectors=spec.local_selectors,
        tunnels=tuple(_flip_tunnel(spec, tunnel) for tunnel in _in_order(spec)),
    )


def flaws(spec: ConnectionSpec) -> tuple[Finding, ...]:
    """Everything that keeps `spec` from being a view; none of it depends on the vendor."""
    return (*_count_flaws(spec), *_network_flaws(spec), *_tunnel_flaws(spec))


def _in_order(spec: ConnectionSpec) -> list[TunnelSpec]:
    return sorted(spec.tunnels, key=lambda tunnel: tunnel.index)


def _flip_tunnel(spec: ConnectionSpec, tunnel: TunnelSpec) -> PeerTunnel:
    local, remote = _peer(tunnel).address, tunnel.gateway_address or ""
    return PeerTunnel(
        index=tunnel.index,
        tunnel_id=tunnel.tunnel_id,
        local_address=local,
        remote_address=remote,
        ike=replace(
            tunnel.ike, local_id=tunnel.ike.remote_id or local, remote_id=tunnel.ike.local_id or remote
        ),
        child=tunnel.child,
        dpd=tunnel.dpd,
        nat_traversal=tunnel.nat_traversal,
        bgp=_flip_bgp(spec, tunnel),
    )


def _flip_bgp(spec: ConnectionSpec, tunnel: TunnelSpec) -> PeerBgp | None:
    bgp = _bgp_in_use(spec, tunnel)
    if bgp is None:
        return None
    peer = _peer(tunnel)
    return PeerBgp(
        tunnel_cidr=bgp.tunnel_cidr,
        local_ip=addresses.peer_bgp_ip(bgp.tunnel_cidr, bgp.local_ip),
        remote_ip=bgp.local_ip or addresses.default_local_bgp_ip(bgp.tunnel_cidr),
        local_asn=peer.asn or 0,
        remote_asn=spec.local_asn or 0,
        auth_key=peer.auth_key,
    )


def _peer(tunnel: TunnelSpec) -> PeerSpec:
    return tunnel.peer or PeerSpec(address="")


def _bgp_in_use(spec: ConnectionSpec, tunnel: TunnelSpec) -> BgpSpec | None:
    return tunnel.bgp if spec.bgp_enabled else None


def _count_flaws(spec: ConnectionSpec) -> Iterator[Finding]:
    if [tunnel.index for tunnel in _in_order(spec)] != [1, 2]:
        yield error(Code.NOT_TWO_TUNNELS, "tunnels")


def _network_flaws(spec: ConnectionSpec) -> Iterator[Finding]:
    lists = {"local_networks": spec.local_selectors, "remote_networks": spec.remote_selectors}
    for name, networks in lists.items():
        if not networks:
            yield error(Code.VALUE_UNREADABLE, name, value="")
        for position, network in enumerate(networks):
            if addresses.network_or_none(network) is None:
                yield error(Code.VALUE_UNREADABLE, f"{name}.{position}", value=network)


def _tunnel_flaws(spec: ConnectionSpec) -> Iterator[Finding]:
    for tunnel in _in_order(spec):
        yield from _address_flaws(tunnel)
        if not _bgp_is_whole(spec, tunnel):
            yield error(Code.BGP_INCOMPLETE, f"tunnels.{tunnel.index}.bgp", tunnel=tunnel.index)


def _address_flaws(tunnel: TunnelSpec) -> Iterator[Finding]:
    path = f"tunnels.{tunnel.index}"
    if not tunnel.gateway_address:
        yield error(Code.UNBOUND, f"{path}.gateway_address", tunnel=tunnel.index)
    elif not addresses.is_ipv4(tunnel.gateway_address):
        yield error(Code.VALUE_UNREADABLE, f"{path}.gateway_address", value=tunnel.gateway_address)
    if tunnel.peer is None:
        yield error(Code.NO_CUSTOMER_GATEWAY, f"{path}.peer", tunnel=tunnel.index)
    elif not addresses.is_ipv4(tunnel.peer.address):
        yield error(Code.VALUE_UNREADABLE, f"{path}.peer.address", value=tunnel.peer.address)


def _bgp_is_whole(spec: ConnectionSpec, tunnel: TunnelSpec) -> bool:
    bgp = _bgp_in_use(spec, tunnel)
    if bgp is None:
        return True
    try:
        addresses.peer_bgp_ip(bgp.tunnel_cidr, bgp.local_ip)
    except ValueError:
        return False
    return bool(spec.local_asn and _peer(tunnel).asn)
