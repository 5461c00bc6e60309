"""What is configured of a connection, flat and by name: what an edit page shows and is compared with.

Names are columns: `name`, `tunnels.1.dpd`. A pre-shared key is told by a mark that only equals itself.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.crypto import salted_hmac

from connections.models import IPsecConnection
from tunnels.configuring import present_key
from tunnels.models import Tunnel

Snapshot = dict[str, Any]

CONNECTION: Final = (
    "name", "routing_mode", "local_networks", "remote_networks", "effect_immediately", "bgp_enabled",
    "local_asn",
)  # fmt: skip
BGP: Final = ("tunnel_cidr", "local_bgp_ip")
TUNNEL: Final = (
    "customer_gateway", "psk", "ike_version", "ike_mode", "ike_encryption", "ike_integrity", "ike_dh_group",
    "ike_lifetime", "local_id", "remote_id", "child_encryption", "child_integrity", "child_pfs",
    "child_lifetime", "dpd", "nat_traversal", *BGP,
)  # fmt: skip
UNREADABLE: Final = "unreadable"


def snapshot(connection: IPsecConnection, tunnels: Iterable[Tunnel]) -> Snapshot:
    """Reads the keys, so that a new one can be told from the same one typed again."""
    values: Snapshot = {name: getattr(connection, name) for name in CONNECTION}
    for tunnel in tunnels:
        for name in TUNNEL:
            values[of_tunnel(tunnel.index, name)] = _value(tunnel, name)
    return values


def of_tunnel(index: int, name: str) -> str:
    return f"tunnels.{index}.{name}"


def _value(tunnel: Tunnel, name: str) -> Any:
    if name == "customer_gateway":
        return tunnel.customer_gateway.public_id
    return key_mark(present_key(tunnel)) if name == "psk" else getattr(tunnel, name)


def key_mark(key: str | None) -> str:
    return UNREADABLE if key is None else salted_hmac("vpnconsole.key-mark", key).hexdigest()


def differing(seen: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What of `seen` is not so any more, in the order of `now`."""
    return [name for name, value in now.items() if name in seen and seen[name] != value]
