"""What a user configures of a connection, by column."""

from typing import Any

from ipsec.algorithms import RoutingMode
from ipsec.spec import ConnectionSpec


def connection_columns(spec: ConnectionSpec, *, local_asn: int) -> dict[str, Any]:
    """What is hidden is not written: networks outside policy mode; `local_asn` stays while BGP is off."""
    policy = spec.routing_mode is RoutingMode.POLICY
    return {
        "name": spec.name,
        "routing_mode": spec.routing_mode.value,
        "local_networks": list(spec.local_networks) if policy else [],
        "remote_networks": list(spec.remote_networks) if policy else [],
        "effect_immediately": spec.effect_immediately,
        "bgp_enabled": spec.bgp_enabled,
        "local_asn": spec.local_asn if spec.bgp_enabled and spec.local_asn else local_asn,
    }
