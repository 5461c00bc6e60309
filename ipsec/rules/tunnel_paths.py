"""How rules walk the two tunnels: by index, never by position."""

from collections.abc import Iterator
from typing import Final

from ipsec.spec import ConnectionSpec, TunnelSpec

TUNNEL_INDEXES: Final = (1, 2)


def numbered(spec: ConnectionSpec) -> Iterator[tuple[str, TunnelSpec]]:
    """(`tunnels.1`, tunnel 1), (`tunnels.2`, tunnel 2), as far as the spec has them.

    Of tunnels with the same index the first counts, those with any other index are left out: that they are
    there at all is a finding of its own.
    """
    for index in TUNNEL_INDEXES:
        tunnel = next((tunnel for tunnel in spec.tunnels if tunnel.index == index), None)
        if tunnel is not None:
            yield f"tunnels.{index}", tunnel


def both(spec: ConnectionSpec) -> tuple[TunnelSpec, TunnelSpec] | None:
    """Tunnel 1 and tunnel 2; None unless both are there."""
    found = [tunnel for _, tunnel in numbered(spec)]
    return (found[0], found[1]) if len(found) == 2 else None
