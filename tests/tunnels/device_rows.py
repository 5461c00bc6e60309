"""Tunnels of every kind that a device can end on."""

from typing import Any

from tunnel_rows import Watch, ring, run_of, tunnel_of

from accounts.actor import Actor
from tunnels.devices.comparison import ValueRow, sections
from tunnels.devices.ends import ends_of, own_secrets
from tunnels.models import BgpStatus, NegotiationRun, Status, Tunnel
from tunnels.services import start_negotiation

POLICY = {
    "routing_mode": "policy",
    "local_networks": ["10.1.0.0/16"],
    "remote_networks": ["192.168.0.0/16"],
    "bgp_enabled": False,
}
SPOTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ikev2 with BGP": ({}, {}),
    "ikev2 with networks": (POLICY, {}),
    "ikev1 main mode with networks": (POLICY, {"ike_version": "ikev1"}),
    "ikev1 aggressive mode with BGP": ({}, {"ike_version": "ikev1", "ike_mode": "aggressive"}),
}
"""Values of the connection and of its tunnels."""


def tunnel_on(actor: Actor, spot: str, *, device: dict[str, Any] | None = None) -> Tunnel:
    """A bound tunnel of this kind whose first attempt is due."""
    connection, values = SPOTS[spot]
    tunnel = tunnel_of(actor, device=device, **connection)
    Tunnel.objects.filter(connection=tunnel.connection).update(**values)
    start_negotiation(tunnel=tunnel, because="created")
    return Tunnel.objects.get(pk=tunnel.pk)


def play(watch: Watch, tunnel: Tunnel) -> NegotiationRun:
    """To the end of the attempt that is due, however silent."""
    ring(watch)
    ring(watch, 199)
    return run_of(tunnel)


def is_up(tunnel: Tunnel, run: NegotiationRun) -> bool:
    bgp = BgpStatus.UP if tunnel.tunnel_cidr else BgpStatus.NONE
    return (run.status, run.bgp_status, run.cause) == (Status.CHILD_UP, bgp, "")


def rows_of(tunnel: Tunnel) -> dict[str, ValueRow]:
    """The table of both ends, by attribute."""
    ends = ends_of(tunnel)
    found = sections(ends, own_secrets(ends.device))
    return {row.attribute: row for section in found for row in section.rows}
