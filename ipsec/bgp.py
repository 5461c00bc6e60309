"""BGP over an established tunnel (RFC 4271, TCP MD5 of RFC 2385): will the session come up, and if not, why.

Pure and symmetric in the two speakers; *ours* is the cloud's. A value left out (`None`, "") is not held
against the other side.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ipsec.addresses import holds
from ipsec.causes import CauseId
from ipsec.transcript import Phase, Refusal, Side, Step, StepKind

TCP_PORT = 179
CONNECT_DELAY_MS = 700
"""From the child SA to the first SYN: the speakers' connect timers, not the network."""
SYN_RETRANSMIT_SECONDS = (1, 3, 7, 15, 31)
SYN_GIVES_UP_SECONDS = 63
BAD_PEER_AS = "OPEN Message Error/Bad Peer AS"
CONNECTION_REFUSED = "TCP RST"


@dataclass(frozen=True, slots=True)
class BgpSpeaker:
    """One end of the session. `peer_asn` None expects no particular AS."""

    asn: int
    address: str
    peer_address: str
    peer_asn: int | None = None
    auth_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """What the two speakers bring together. The selectors are the child SA's, in the cloud's view."""

    cloud: BgpSpeaker
    peer: BgpSpeaker | None
    local_ts: tuple[str, ...]
    remote_ts: tuple[str, ...]
    data_passes: bool = True
    """False where ESP itself can't get through (plain ESP behind a NAT)."""


def refusals(session: Session) -> Iterator[Refusal]:
    """Everything that keeps the session down, in the order it is met."""
    for check in _CHECKS:
        refusal = check(session)
        if refusal:
            yield refusal


def _refused(
    attribute: str,
    ours: object,
    theirs: object,
    *,
    message: str = "TCP SYN",
    notify: str = "",
    decided_by: Side = Side.PEER,
    seen: bool = False,
) -> Refusal:
    return Refusal(
        cause=CauseId.BGP_SESSION_DOWN,
        phase=Phase.BGP,
        message=message,
        attribute=attribute,
        ours=str(ours),
        theirs=str(theirs),
        decided_by=decided_by,
        notify=notify,
        seen_by_cloud=seen,
    )


def _esp_passes(session: Session) -> Refusal | None:
    return None if session.data_passes else _refused("nat_traversal", "", "")


def _selectors_hold_ours(session: Session) -> Refusal | None:
    if not session.local_ts or holds(session.local_ts, session.cloud.address):
        return None
    return _refused(
        "local_networks",
        session.cloud.address,
        ", ".join(session.local_ts),
        decided_by=Side.CLOUD,
        seen=True,
    )


def _selectors_hold_theirs(session: Session) -> Refusal | None:
    if not session.remote_ts or holds(session.remote_ts, session.cloud.peer_address):
        return None
    return _refused(
        "remote_networks",
        session.cloud.peer_address,
        ", ".join(session.remote_ts),
        decided_by=Side.CLOUD,
        seen=True,
    )


def _peer_speaks(session: Session) -> Refusal | None:
    return _refused("bgp", "on", "off", notify=CONNECTION_REFUSED) if session.peer is None else None


def _peer_address(session: Session) -> Refusal | None:
    cloud, peer = session.cloud, session.peer
    if peer is None or cloud.peer_address == peer.address:
        return None
    return _refused("bgp.peer_address", cloud.peer_address, peer.address)


def _local_address(session: Session) -> Refusal | None:
    cloud, peer = session.cloud, session.peer
    if peer is None or cloud.address == peer.peer_address:
        return None
    return _refused("bgp.local_ip", cloud.address, peer.peer_address, notify=CONNECTION_REFUSED)


def _auth_key(session: Session) -> Refusal | None:
    """A segment whose MD5 digest is missing or wrong is dropped without a word (RFC 2385, 2.0)."""
    if session.peer is None or session.cloud.auth_key == session.peer.auth_key:
        return None
    return _refused("bgp.auth_key", "", "")


def _peer_asn(session: Session) -> Refusal | None:
    cloud, peer = session.cloud, session.peer
    if peer is None or cloud.peer_asn in (None, peer.asn):
        return None
    return _refused(
        "bgp.asn",
        cloud.peer_asn,
        peer.asn,
        message="BGP OPEN",
        notify=BAD_PEER_AS,
        decided_by=Side.CLOUD,
        seen=True,
    )


def _local_asn(session: Session) -> Refusal | None:
    cloud, peer = session.cloud, session.peer
    if peer is None or peer.peer_asn in (None, cloud.asn):
        return None
    return _refused(
        "bgp.local_asn", cloud.asn, peer.peer_asn, message="BGP OPEN", notify=BAD_PEER_AS, seen=True
    )


_CHECKS: tuple[Callable[[Session], Refusal | None], ...] = (
    _esp_passes,
    _selectors_hold_ours,
    _selectors_hold_theirs,
    _peer_speaks,
    _peer_address,
    _local_address,
    _auth_key,
    _peer_asn,
    _local_asn,
)


def steps(session: Session, refusal: Refusal | None, *, start_ms: int, latency_ms: int) -> Iterator[Step]:
    """The session on the wire, from `start_ms` (the child SA came up); the cloud calls the peer."""
    at = start_ms + CONNECT_DELAY_MS
    if refusal is None or refusal.message == "BGP OPEN":
        yield from _handshake(at, latency_ms)
        yield from _opening(session, refusal, at + 3 * latency_ms, latency_ms)
    else:
        yield from _no_connection(refusal, at, latency_ms)


def _said(at_ms: int, sender: Side, message: str, *payloads: str, **detail: str | int) -> Step:
    return Step(at_ms, StepKind.MESSAGE, Phase.BGP, sender, message, payloads, detail)


def _handshake(at: int, latency: int) -> Iterator[Step]:
    yield _said(at, Side.CLOUD, "TCP SYN", port=TCP_PORT)
    yield _said(at + latency, Side.PEER, "TCP SYN ACK")
    yield _said(at + 2 * latency, Side.CLOUD, "TCP ACK")


def _opening(session: Session, refusal: Refusal | None, at: int, latency: int) -> Iterator[Step]:
    peer_asn = session.peer.asn if session.peer else 0
    yield _said(at, Side.CLOUD, "BGP OPEN", asn=session.cloud.asn)
    yield _said(at, Side.PEER, "BGP OPEN", asn=peer_asn)
    answered = at + latency
    if refusal:
        notified = _said(answered, refusal.decided_by, "BGP NOTIFICATION", f"N({refusal.notify})")
        yield notified
        yield _verdict(answered + latency, refusal)
        return
    yield _said(answered, Side.CLOUD, "BGP KEEPALIVE")
    yield _said(answered, Side.PEER, "BGP KEEPALIVE")
    yield Step(answered + latency, StepKind.BGP_UP, Phase.BGP, Side.CLOUD)


def _no_connection(refusal: Refusal, at: int, latency: int) -> Iterator[Step]:
    yield _said(at, Side.CLOUD, "TCP SYN", port=TCP_PORT)
    if refusal.notify:
        yield _said(at + latency, Side.PEER, refusal.notify)
        yield _verdict(at + 2 * latency, refusal)
        return
    for count, seconds in enumerate(SYN_RETRANSMIT_SECONDS, start=1):
        yield Step(
            at + 1000 * seconds, StepKind.RETRANSMIT, Phase.BGP, Side.CLOUD, "TCP SYN", detail={"try": count}
        )
    yield _verdict(at + 1000 * SYN_GIVES_UP_SECONDS, refusal)


def _verdict(at: int, refusal: Refusal) -> Step:
    return Step(
        at,
        StepKind.REFUSED,
        Phase.BGP,
        refusal.decided_by,
        refusal.message,
        refusal=refusal,
    )
