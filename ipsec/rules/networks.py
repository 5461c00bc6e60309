"""Rules about protected data flows: the local and remote networks of a connection in policy mode.

Whatever is hidden is not checked: in destination mode these rules have nothing to say. Lists are compared
only up to the number of entries allowed, so the work stays small whatever is sent.
"""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final

from ipsec import addresses
from ipsec.algorithms import IkeVersion, RoutingMode
from ipsec.findings import Finding
from ipsec.rules.codes import Code, error, quoted, warning
from ipsec.rules.surroundings import Surroundings
from ipsec.rules.tunnel_paths import numbered
from ipsec.spec import ANY_NETWORK, ConnectionSpec

MAX_NETWORKS: Final = 5
"""On either side. Documented for VPN gateways; that it holds for transit routers too is our choice."""


def _sides(spec: ConnectionSpec) -> Iterator[tuple[str, tuple[str, ...]]]:
    if spec.routing_mode is RoutingMode.POLICY:
        yield "local_networks", spec.local_networks
        yield "remote_networks", spec.remote_networks


def check_network(text: str, field: str) -> list[Finding]:
    """Whether text is an IPv4 network in CIDR notation with all host bits zero."""
    try:
        addresses.parse_network(text)
    except addresses.HostBitsError as wrong:
        return [error(field, Code.NETWORK_HOST_BITS, value=quoted(text), network=str(wrong.network))]
    except ValueError:
        return [error(field, Code.NETWORK_MALFORMED, value=quoted(text))]
    return []


def check_route(text: str, field: str) -> list[Finding]:
    """Whether text can be a destination route of a connection (console 6.1): 0.0.0.0/0 is not one."""
    if wrong := check_network(text, field):
        return wrong
    network = addresses.parse_network(text)
    if network == addresses.ANY:
        return [error(field, Code.ROUTE_TO_EVERYWHERE)]
    if addresses.is_route_banned(network):
        return [error(field, Code.ROUTE_FORBIDDEN, network=str(network))]
    return []


def network_count(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    for field, networks in _sides(spec):
        if not networks:
            yield error(field, Code.NETWORK_REQUIRED)
        if len(networks) > MAX_NETWORKS:
            yield error(field, Code.NETWORKS_TOO_MANY, max=MAX_NETWORKS)


def network_form(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    for field, networks in _sides(spec):
        for position, text in enumerate(networks):
            yield from check_network(text, f"{field}.{position}")


def overlap_inside_a_list(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    """The later of two entries is marked, once."""
    for field, networks in _sides(spec):
        marked: dict[int, int] = {}
        for earlier, later in addresses.overlaps_inside(networks[:MAX_NETWORKS]):
            marked.setdefault(later, earlier)
        for later, earlier in marked.items():
            yield _clash(f"{field}.{later}", networks[later], networks[earlier])


def _clash(field: str, network: str, other: str) -> Finding:
    if network == other:
        return error(field, Code.NETWORK_DUPLICATE, network=network)
    return error(field, Code.NETWORK_OVERLAP, network=network, other=other)


def overlap_across(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    """Local and remote equal: an error; overlapping: a warning. 0.0.0.0/0 has its own rule."""
    if spec.routing_mode is not RoutingMode.POLICY:
        return
    local, remote = spec.local_networks[:MAX_NETWORKS], spec.remote_networks[:MAX_NETWORKS]
    partners: dict[int, list[str]] = {}
    for ours, theirs in addresses.overlaps_across(local, remote):
        if ANY_NETWORK not in (local[ours], remote[theirs]):
            partners.setdefault(theirs, []).append(local[ours])
    for theirs, others in partners.items():
        yield _clash_across(f"remote_networks.{theirs}", remote[theirs], others)


def _clash_across(field: str, network: str, others: list[str]) -> Finding:
    if network in others:
        return error(field, Code.NETWORK_EQUAL_ACROSS, network=network)
    return warning(field, Code.NETWORK_OVERLAP_ACROSS, network=network, other=others[0])


def any_network(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    """0.0.0.0/0 on both sides is destination mode; on one side it is neither mode and refused."""
    entries = [
        (side, f"{side}.{position}")
        for side, networks in _sides(spec)
        for position, text in enumerate(networks)
        if text == ANY_NETWORK
    ]
    if len({side for side, _field in entries}) == 2:
        yield error("routing_mode", Code.ANY_NETWORK_BOTH_SIDES)
        return
    for _side, field in entries:
        yield error(field, Code.ANY_NETWORK_ONE_SIDE)


def routes_made(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    """Remote networks become destination routes, so what may not be routed may not be one."""
    for position, network in _remote(spec):
        if network != addresses.ANY and addresses.is_route_banned(network):
            yield error(f"remote_networks.{position}", Code.ROUTE_FORBIDDEN, network=str(network))


def overlap_with_transit_cidr(spec: ConnectionSpec, surroundings: Surroundings) -> Iterator[Finding]:
    """A transit router's own block may not meet a connected network: gateway addresses lie in it."""
    facts = surroundings.binding_to
    if facts is None or spec.routing_mode is not RoutingMode.POLICY:
        return
    remote = spec.remote_networks[:MAX_NETWORKS]
    met = {theirs: ours for ours, theirs in addresses.overlaps_across(facts.cidr_blocks, remote)}
    for position, block in met.items():
        if remote[position] != ANY_NETWORK:
            yield warning(
                f"remote_networks.{position}",
                Code.NETWORK_OVERLAPS_TRANSIT_CIDR,
                network=remote[position],
                cidr=facts.cidr_blocks[block],
            )


def _remote(spec: ConnectionSpec) -> Iterator[tuple[int, IPv4Network]]:
    if spec.routing_mode is RoutingMode.POLICY:
        for position, text in enumerate(spec.remote_networks):
            if (network := addresses.network_or_none(text)) is not None:
                yield position, network


def several_networks_need_ikev2(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    """IKEv1 negotiates one pair of selectors, so a second entry on a side needs ikev2 on both tunnels."""
    if not any(len(networks) > 1 for _field, networks in _sides(spec)):
        return
    for path, tunnel in numbered(spec):
        if tunnel.ike.version is IkeVersion.IKEV1:
            yield error(f"{path}.ike.version", Code.IKEV1_WITH_SEVERAL_NETWORKS)
