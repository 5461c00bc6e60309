"""Lifetimes, dead peer detection, and the daemon's own file that the latter needs."""

from dataclasses import dataclass

from ipsec.algorithms import IkeMode, IkeVersion
from peerconfigs.strongswan.naming import title
from peerconfigs.view import PeerTunnel, PeerView

DPD_DELAY = 10
"""Seconds of silence before the peer is asked for a sign of life."""
DPD_TIMEOUT = 30
"""Seconds from the peer's last packet to giving up (IKEv1, which has an own setting for it)."""
RETRANSMIT_TIMEOUT = 2.5
RETRANSMIT_BASE = 1.5
RETRANSMIT_TRIES = 3
"""IKEv2 gives up when a question has been retransmitted in vain; only the daemon as a whole has settings."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """When to rekey and when to give up, in seconds; all 0 where the SA never expires."""

    rekey: int
    hard: int
    spread: int
    """At most this much earlier, by chance, so that both ends do not rekey at once."""

    @property
    def over(self) -> int:
        return self.hard - self.rekey


def lifetime(seconds: int) -> Lifetime:
    """Rekey at nine tenths of the console's lifetime, so that it is the hard end as on the cloud's side."""
    if seconds == 0:
        return Lifetime(0, 0, 0)
    rekey = max(1, seconds * 9 // 10)
    # A spread that reaches the rekey time itself would read as: never rekey.
    return Lifetime(rekey, seconds, min(seconds - rekey, rekey - 1))


def dead_after(version: IkeVersion) -> float:
    """Seconds from the last packet of a peer to its being taken for dead."""
    if version is IkeVersion.IKEV1:
        return DPD_TIMEOUT
    waits = (RETRANSMIT_TIMEOUT * RETRANSMIT_BASE**attempt for attempt in range(RETRANSMIT_TRIES + 1))
    return DPD_DELAY + sum(waits)


def is_aggressive(tunnel: PeerTunnel) -> bool:
    return tunnel.ike.version is IkeVersion.IKEV1 and tunnel.ike.mode is IkeMode.AGGRESSIVE


def daemon_snippet(view: PeerView) -> str:
    """`strongswan.d` snippet; everything in it holds for every connection of the daemon."""
    lines = [
        f"# Daemon settings for IPsec connection {title(view)}.",
        "# They hold for every connection of this host. Restart the daemon after saving the file.",
        "charon {",
        "    # The XFRM interfaces have the routes; one made from a selector of 0.0.0.0/0 would take all.",
        "    install_routes = no",
        *(_retransmission() if any(map(_needs_retransmission, view.tunnels)) else ()),
        *(_aggressive_mode() if any(map(is_aggressive, view.tunnels)) else ()),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _needs_retransmission(tunnel: PeerTunnel) -> bool:
    return tunnel.dpd and tunnel.ike.version is IkeVersion.IKEV2


def _retransmission() -> tuple[str, ...]:
    after = dead_after(IkeVersion.IKEV2)
    return (
        f"    # With dpd_delay = {DPD_DELAY}s an IKEv2 peer counts as dead after {after:.0f} s of silence.",
        f"    retransmit_timeout = {RETRANSMIT_TIMEOUT}",
        f"    retransmit_base = {RETRANSMIT_BASE}",
        f"    retransmit_tries = {RETRANSMIT_TRIES}",
    )


def _aggressive_mode() -> tuple[str, ...]:
    return (
        "    # Aggressive mode shows a hash of the key to listeners, so charon refuses it unless told.",
        "    i_dont_care_about_security_and_use_aggressive_mode_psk = yes",
    )
