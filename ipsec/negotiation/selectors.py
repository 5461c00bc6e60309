"""Traffic selectors of phase 2: which networks two ends agree on (RFC 7296 2.9, RFC 2409 5.5)."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network
from typing import NamedTuple


class Block(NamedTuple):
    """A network as two numbers; sorts as networks are listed."""

    first: int
    prefix: int

    def holds(self, other: "Block") -> bool:
        return self.prefix <= other.prefix and self.first >> (32 - self.prefix) == other.first >> (
            32 - self.prefix
        )

    def __str__(self) -> str:
        return _text(self.first, self.prefix)


@lru_cache(maxsize=8192)
def _text(first: int, prefix: int) -> str:
    return str(IPv4Network((first, prefix)))


@lru_cache(maxsize=8192)
def block(network: str) -> Block:
    """Raises ValueError where `network` is no IPv4 network; host bits are dropped."""
    parsed = IPv4Network(network, strict=False)
    return Block(int(parsed.network_address), parsed.prefixlen)


def blocks(networks: Iterable[str]) -> tuple[Block, ...]:
    """The networks in their order, without those that lie inside another of the list."""
    unique = list(dict.fromkeys(block(network) for network in networks))
    if len(unique) == 1:
        return tuple(unique)
    return tuple(one for one in unique if not any(other.holds(one) for other in unique if other is not one))


def common(ours: tuple[Block, ...], offered: tuple[Block, ...]) -> tuple[Block, ...]:
    """What both lists cover, in the order of `ours`. Two networks either nest or are apart, and within each
    list they are apart, so no two of the answer nest."""
    if ours == offered:
        return ours
    found = []
    for mine in ours:
        for other in offered:
            if mine.holds(other):
                found.append(other)
            elif other.holds(mine):
                found.append(mine)
    return tuple(found)
