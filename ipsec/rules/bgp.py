"""Rules about BGP. Nothing is said while the connection's switch is off, whatever the tunnels still hold."""

from collections.abc import Iterator

from ipsec import addresses
from ipsec.algorithms import RoutingMode
from ipsec.findings import Finding
from ipsec.rules.codes import Code, advice, error, errors, quoted, warning
from ipsec.rules.gateways import check_peer_asn
from ipsec.rules.networks import check_network
from ipsec.rules.surroundings import Surroundings
from ipsec.rules.text import check_asn
from ipsec.rules.tunnel_paths import both, numbered
from ipsec.spec import DEFAULT_LOCAL_ASN, BgpSpec, ConnectionSpec, TunnelSpec


def _carriers(spec: ConnectionSpec) -> Iterator[tuple[str, TunnelSpec, BgpSpec]]:
    """The tunnels on which BGP is on and has data."""
    if spec.bgp_enabled:
        for path, tunnel in numbered(spec):
            if tunnel.bgp is not None:
                yield path, tunnel, tunnel.bgp


def local_asn(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    if not spec.bgp_enabled:
        return
    if spec.local_asn is None:
        yield error("local_asn", Code.ASN_REQUIRED, default=DEFAULT_LOCAL_ASN)
    else:
        yield from check_asn(spec.local_asn, "local_asn")


def on_some_tunnel(spec: ConnectionSpec, surroundings: Surroundings) -> Iterator[Finding]:
    """After creation each tunnel has a switch of its own; with none of them on, the connection's is a lie."""
    if spec.bgp_enabled and not surroundings.creating and not any(tunnel.bgp for tunnel in spec.tunnels):
        yield error("bgp_enabled", Code.BGP_ON_NO_TUNNEL)


def peer_asn(spec: ConnectionSpec, surroundings: Surroundings) -> Iterator[Finding]:
    """BGP needs a customer gateway with an AS number. It may equal the local one, but not be the cloud's."""
    if not spec.bgp_enabled:
        return
    for path, tunnel in numbered(spec):
        if tunnel.peer is None or (tunnel.bgp is None and not surroundings.creating):
            continue
        if tunnel.peer.asn is None:
            yield error(f"{path}.peer", Code.PEER_WITHOUT_ASN)
        else:
            yield from errors(check_peer_asn(tunnel.peer.asn, f"{path}.peer"))


def peer_asns_agree(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    """One AS number on both devices is advised, not demanded."""
    pair = both(spec)
    if not spec.bgp_enabled or pair is None:
        return
    asns = {tunnel.peer.asn for tunnel in pair if tunnel.peer and tunnel.peer.asn is not None}
    if len(asns) == 2 and not any(errors(check_peer_asn(asn, "")) for asn in asns):
        yield advice("tunnels", Code.PEER_ASNS_DIFFER, lower=min(asns), higher=max(asns))


def tunnel_cidr(spec: ConnectionSpec, surroundings: Surroundings) -> Iterator[Finding]:
    """At creation the switch sets BGP on both tunnels, so both need a block."""
    if not spec.bgp_enabled:
        return
    for path, tunnel in numbered(spec):
        if tunnel.bgp is not None:
            yield from check_tunnel_cidr(tunnel.bgp.tunnel_cidr, f"{path}.bgp.tunnel_cidr")
        elif surroundings.creating:
            yield error(f"{path}.bgp.tunnel_cidr", Code.TUNNEL_CIDR_REQUIRED)


def check_tunnel_cidr(cidr: str, field: str) -> list[Finding]:
    """A /30 in 169.254.0.0/16 that is none of the eight the console keeps for itself."""
    if not cidr:
        return [error(field, Code.TUNNEL_CIDR_REQUIRED)]
    network = addresses.network_or_none(cidr)
    if network is None:
        return check_network(cidr, field)
    if not network.subnet_of(addresses.LINK_LOCAL):
        return [error(field, Code.TUNNEL_CIDR_OUTSIDE, cidr=cidr)]
    if network.prefixlen != 30:
        return [error(field, Code.TUNNEL_CIDR_NOT_30, cidr=cidr)]
    if cidr in addresses.BANNED_TUNNEL_CIDRS:
        return [error(field, Code.TUNNEL_CIDR_RESERVED, cidr=cidr)]
    return []


def tunnel_cidrs_differ(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    """Two /30s overlap only where they are equal. Both tunnels are marked: either can be changed."""
    carriers = [(path, bgp.tunnel_cidr) for path, _tunnel, bgp in _carriers(spec)]
    if len(carriers) == 2 and carriers[0][1] == carriers[1][1] and not check_tunnel_cidr(carriers[0][1], ""):
        for path, cidr in carriers:
            yield error(f"{path}.bgp.tunnel_cidr", Code.TUNNEL_CIDR_SAME, cidr=cidr)


def tunnel_cidr_elsewhere(spec: ConnectionSpec, surroundings: Surroundings) -> Iterator[Finding]:
    """Refused where another connection has the block on the same customer gateway, since that device then
    has one address twice. On another device of the same transit router it is only worth a warning."""
    for path, tunnel, bgp in _carriers(spec):
        gateway = tunnel.peer.gateway_id if tunnel.peer else ""
        if bgp.tunnel_cidr in surroundings.cidrs_on_gateway.get(gateway, ()):
            yield error(f"{path}.bgp.tunnel_cidr", Code.TUNNEL_CIDR_ON_GATEWAY, cidr=quoted(bgp.tunnel_cidr))
        elif bgp.tunnel_cidr in surroundings.cidrs_on_transit_router:
            field = f"{path}.bgp.tunnel_cidr"
            yield warning(field, Code.TUNNEL_CIDR_ON_TRANSIT_ROUTER, cidr=quoted(bgp.tunnel_cidr))


def local_bgp_address(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    for path, _tunnel, bgp in _carriers(spec):
        yield from check_local_bgp_ip(bgp, f"{path}.bgp.local_ip")


def check_local_bgp_ip(bgp: BgpSpec, field: str) -> list[Finding]:
    """One of the two hosts of the /30. Only compared with a block that is right itself."""
    if not bgp.local_ip:
        return []
    if not addresses.is_ipv4(bgp.local_ip):
        return [error(field, Code.ADDRESS_MALFORMED, value=quoted(bgp.local_ip))]
    if check_tunnel_cidr(bgp.tunnel_cidr, "") or bgp.local_ip in addresses.tunnel_hosts(bgp.tunnel_cidr):
        return []
    first, second = addresses.tunnel_hosts(bgp.tunnel_cidr)
    inside = addresses.parse_address(bgp.local_ip) in addresses.parse_network(bgp.tunnel_cidr)
    code = Code.BGP_ADDRESS_NOT_HOST if inside else Code.BGP_ADDRESS_OUTSIDE
    return [error(field, code, address=bgp.local_ip, cidr=bgp.tunnel_cidr, first=first, second=second)]


def bgp_inside_selectors(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    """In policy mode only what the selectors hold enters the tunnel, BGP's own packets too."""
    if spec.routing_mode is not RoutingMode.POLICY:
        return
    for path, _tunnel, bgp in _carriers(spec):
        if check_tunnel_cidr(bgp.tunnel_cidr, "") or check_local_bgp_ip(bgp, ""):
            continue
        ours = bgp.local_ip or addresses.default_local_bgp_ip(bgp.tunnel_cidr)
        theirs = addresses.peer_bgp_ip(bgp.tunnel_cidr, ours)
        if not addresses.selectors_hold(spec.local_networks, spec.remote_networks, ours, theirs):
            yield warning(f"{path}.bgp.tunnel_cidr", Code.BGP_OUTSIDE_SELECTORS, local=ours, peer=theirs)
