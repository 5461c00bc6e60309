"""IPv4 arithmetic of connections, tunnels and gateways.

Everything here takes text and is strict: only the canonical dotted form with ASCII digits is an address, only
that form with `/prefix` and no host bits is a network. What is refused raises `ValueError`; `ipsec.rules`
turns it into findings.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from itertools import combinations, product
from typing import Final

from netaddr import IPNetwork, IPSet

from ipsec.spec import ANY_NETWORK

ANY: Final = IPv4Network(ANY_NETWORK)
LINK_LOCAL: Final = IPv4Network("169.254.0.0/16")
SHARED: Final = IPv4Network("100.64.0.0/10")
PRIVATE_NETWORKS: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))

BANNED_TUNNEL_CIDRS: Final = (
    "169.254.0.0/30",
    "169.254.1.0/30",
    "169.254.2.0/30",
    "169.254.3.0/30",
    "169.254.4.0/30",
    "169.254.5.0/30",
    "169.254.6.0/30",
    "169.254.169.252/30",
)
"""The /30s the console keeps for itself (console: 隧道网段). Only these eight, not their neighbours."""

UNUSABLE_NETWORKS: Final = (
    IPv4Network("0.0.0.0/8"),
    SHARED,
    IPv4Network("127.0.0.0/8"),
    LINK_LOCAL,
    IPv4Network("224.0.0.0/4"),
    IPv4Network("240.0.0.0/4"),
)
"""Where no end of a tunnel can be.

The console names 100.64/10, 127/8, 169.254/16, 224/4 and 255/8. 0/8 and the rest of 240/4 are ours: they are
no unicast addresses a device could answer from (RFC 1122 section 3.2.1.3, RFC 1112 section 4).
"""

_FIRST_SUGGESTION: Final = IPv4Network("169.254.10.0/30")
_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_FQDN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_ONLY_DIGITS_AND_DOTS: Final = re.compile(r"[0-9.]*")


class HostBitsError(ValueError):
    """A network with bits set behind its prefix; `network` is the one that was probably meant."""

    def __init__(self, network: IPv4Network) -> None:
        super().__init__(f"host bits set, the network is {network}")
        self.network = network


def parse_address(text: str) -> IPv4Address:
    """The address, or `ValueError`."""
    return IPv4Address(text)


def parse_network(text: str) -> IPv4Network:
    """The network, `HostBitsError` if only its host bits are wrong, otherwise `ValueError`.

    Refused as well: a bare address, a dotted netmask, a prefix with leading zeros.
    """
    network = IPv4Network(text, strict=False)
    address, _, prefix = text.partition("/")
    if prefix != str(network.prefixlen):
        raise ValueError("not in the form address/prefix")
    if IPv4Address(address) != network.network_address:
        raise HostBitsError(network)
    return network


def network_or_none(text: str) -> IPv4Network | None:
    try:
        return parse_network(text)
    except ValueError:
        return None


def is_ipv4(text: str) -> bool:
    try:
        parse_address(text)
    except ValueError:
        return False
    return True


def is_fqdn(text: str) -> bool:
    """Whether an IKE peer reads this as a domain name. A bare host name is one, a mistyped address is not."""
    return bool(_FQDN.fullmatch(text)) and not _ONLY_DIGITS_AND_DOTS.fullmatch(text)


def unusable_network(address: str) -> IPv4Network | None:
    """The network because of which a gateway cannot have this address; None where it can."""
    value = parse_address(address)
    return next((network for network in UNUSABLE_NETWORKS if value in network), None)


def is_private(address: str) -> bool:
    """Whether it is an address of RFC 1918. Text that is no address is not."""
    return is_ipv4(address) and any(parse_address(address) in network for network in PRIVATE_NETWORKS)


def is_public(address: str) -> bool:
    """Whether a device on the Internet can have it. Documentation ranges (RFC 5737) count as public."""
    return is_ipv4(address) and unusable_network(address) is None and not is_private(address)


def overlaps_inside(networks: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Positions (earlier, later) of entries that share addresses. Malformed entries share none."""
    for (one, first), (other, second) in combinations(_parsed(networks), 2):
        if first.overlaps(second):
            yield one, other


def overlaps_across(local: Sequence[str], remote: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Positions (in `local`, in `remote`) of entries that share addresses, ordered by the second."""
    for (theirs, second), (ours, first) in product(_parsed(remote), _parsed(local)):
        if first.overlaps(second):
            yield ours, theirs


def _parsed(networks: Sequence[str]) -> list[tuple[int, IPv4Network]]:
    found = ((position, network_or_none(text)) for position, text in enumerate(networks))
    return [(position, network) for position, network in found if network is not None]


def selectors_hold(
    local_selectors: Sequence[str], remote_selectors: Sequence[str], local: str, remote: str
) -> bool:
    """Whether a packet from `local` to `remote` fits the traffic selectors and so enters the tunnel."""
    return holds(local_selectors, local) and holds(remote_selectors, remote)


def holds(networks: Sequence[str], address: str) -> bool:
    """Whether the address lies in one of the networks; what is none of them holds nothing."""
    return address in _address_set(tuple(networks))


@lru_cache(maxsize=1024)
def _address_set(networks: tuple[str, ...]) -> IPSet:
    return IPSet(IPNetwork(str(network)) for _, network in _parsed(networks))


def tunnel_hosts(cidr: str) -> tuple[str, str]:
    """First and second host of a /30; `ValueError` for anything else."""
    network = parse_network(cidr)
    if network.prefixlen != 30:
        raise ValueError("a tunnel CIDR block is a /30")
    first, second = network.hosts()
    return str(first), str(second)


def default_local_bgp_ip(cidr: str) -> str:
    """The cloud's end where none was typed: the first host, as in every example of the provider."""
    return tunnel_hosts(cidr)[0]


def peer_bgp_ip(cidr: str, local_ip: str) -> str:
    """The host of the /30 that is left for the device. `local_ip` empty means the default."""
    first, second = tunnel_hosts(cidr)
    if local_ip in ("", first):
        return second
    if local_ip == second:
        return first
    raise ValueError("the local BGP address is no host of the tunnel CIDR block")


def suggest_tunnel_cidr(used: Collection[str]) -> str:
    """The first /30 from 169.254.10.0 on that is neither banned nor in `used`; wraps round once.

    Raises `LookupError` when all 16,376 are taken.
    """
    taken = {*used, *BANNED_TUNNEL_CIDRS}
    for candidate in _tunnel_cidrs():
        if candidate not in taken:
            return candidate
    raise LookupError("no tunnel CIDR block is free")


def _tunnel_cidrs() -> Iterator[str]:
    """All /30s of the link-local range, beginning where suggestions begin."""
    size = _FIRST_SUGGESTION.num_addresses
    start = int(_FIRST_SUGGESTION.network_address) - int(LINK_LOCAL.network_address)
    for step in range(LINK_LOCAL.num_addresses // size):
        offset = (start + step * size) % LINK_LOCAL.num_addresses
        yield f"{LINK_LOCAL.network_address + offset}/{_FIRST_SUGGESTION.prefixlen}"


def is_route_banned(network: IPv4Network) -> bool:
    """Whether the destination route table refuses it: 0.0.0.0/0, 100.64.0.0/10, what is in it or holds it."""
    return network.overlaps(SHARED)


def destination_routes(remote_networks: Sequence[str]) -> tuple[str, ...]:
    """Destinations the console adds by itself for protected data flows: one per remote network, in order.

    Entries that are malformed, doubled or may not be routed make none.
    """
    networks = (network for _, network in _parsed(remote_networks))
    return tuple(dict.fromkeys(str(network) for network in networks if not is_route_banned(network)))
