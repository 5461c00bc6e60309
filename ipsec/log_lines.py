"""The IKE log of a tunnel in the shape of the console's (DescribeVpnConnectionLogs).

`<date> <time> <connection id> [<LEVEL>]: <file>:<line>:<function>(): <text> [<context>]`, in China time. The
files and functions are named as the gateway's daemon names its own; what it would not know, such as the true
cause of a silence, stays out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from ipsec.causes import CAUSES, CauseId
from ipsec.happenings import LifeKind
from ipsec.transcript import Phase, StepKind

CHINA: Final = timezone(timedelta(hours=8), "CST")


class Level(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "PROTO_WARN"
    ERROR = "PROTO_ERR"


@dataclass(frozen=True, slots=True)
class Ends:
    """Whose log it is: ids and addresses stand in its lines."""

    connection_id: str
    local: str
    remote: str
    remote_id: str
    is_v2: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, as it is stored."""

    at: datetime
    kind: str
    phase: str = ""
    message: str = ""
    cause: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Said:
    level: Level
    place: str
    text: str


def log_line(ends: Ends, entry: Entry) -> str | None:
    """The event's line, without a line end; None for what is not IKE's."""
    write = _WRITES.get(entry.kind)
    said = write(ends, entry) if write and entry.phase != Phase.BGP else None
    if said is None:
        return None
    at = entry.at.astimezone(CHINA)
    return f"{at:%Y-%m-%d %H:%M:%S} {ends.connection_id} [{said.level}]: {said.place}(): {said.text}"


def _pair(ends: Ends, entry: Entry) -> str:
    port = entry.detail.get("port", 500)
    return f"{ends.local}[{port}]<=>{ends.remote}[{port}]"


def _started(ends: Ends, entry: Entry) -> _Said:
    place = "ikev2.c:512:ikev2_initiate" if ends.is_v2 else "ikev1.c:948:isakmp_ph1begin_i"
    return _Said(Level.INFO, place, f"initiate new phase 1 negotiation: {_pair(ends, entry)}")


def _message(ends: Ends, entry: Entry) -> _Said:
    sent = entry.detail.get("sender") == "cloud"
    way, function = ("send", "isakmp_send") if sent else ("received", "isakmp_handler")
    payloads = " ".join(entry.detail.get("payloads", ()))
    text = f"{way} {entry.message} [ {payloads} ] {_pair(ends, entry)}"
    return _Said(Level.DEBUG, f"isakmp.c:{1540 if sent else 371}:{function}", text)


def _retransmit(ends: Ends, entry: Entry) -> _Said:
    place = "ikev2.c:2210:ikev2_resend" if ends.is_v2 else f"ikev1.c:1672:{_resend(entry)}"
    return _Said(
        Level.DEBUG, place, f"resend {entry.message}, try {entry.detail.get('try', 1)} {_where(ends)}"
    )


def _resend(entry: Entry) -> str:
    return "isakmp_ph2resend" if entry.phase == Phase.CHILD else "isakmp_ph1resend"


def _where(ends: Ends) -> str:
    ports = f"{ends.local}[500] <=> {ends.remote}[500], {ends.local} <=> {ends.remote}"
    return f"{{remote id:{ends.remote_id}}}{{ph1: {ports}}}"


def _ike_up(ends: Ends, entry: Entry) -> _Said:
    place = "ikev2.c:1895:ikev2_established" if ends.is_v2 else "ikev1.c:3312:log_ph1established"
    return _Said(Level.INFO, place, f"ISAKMP-SA established {_pair(ends, entry)}")


def _child_up(ends: Ends, entry: Entry) -> _Said:
    networks = [str(entry.detail[name]) for name in ("local_ts", "remote_ts") if name in entry.detail]
    between = f" {{{' === '.join(networks)}}}" if networks else ""
    text = f"IPsec-SA established: ESP/Tunnel {ends.local}[500]->{ends.remote}[500]{between}"
    return _Said(Level.INFO, "pfkey.c:1123:pk_recvupdate", text)


def _rekeyed(ends: Ends, entry: Entry) -> _Said:
    return _ike_up(ends, entry) if entry.phase == Phase.IKE else _child_up(ends, entry)


def _refused(ends: Ends, entry: Entry) -> _Said | None:
    """What the daemon says of a refusal; of a silence only that there was one."""
    if not entry.detail.get("seen_by_cloud", True) and not entry.detail.get("notify"):
        return _timed_out(ends, entry)
    cause = CAUSES.get(entry.cause)
    if cause is None or not cause.log_fragments:
        return None
    level = Level.WARNING if entry.kind == LifeKind.REKEY_REFUSED else Level.ERROR
    if entry.cause == CauseId.PHASE1_TIMEOUT:
        return _timed_out(ends, entry)
    fragment = cause.log_fragments[min(int(ends.is_v2), len(cause.log_fragments) - 1)]
    return _Said(level, _place(ends, entry), f"{fragment}{_values(entry)} {_where(ends)}")


def _timed_out(ends: Ends, entry: Entry) -> _Said:
    if ends.is_v2:
        text = f"retransmission count exceeded the limit {_where(ends)}"
        return _Said(Level.ERROR, "ikev2.c:2231:ikev2_timeout", text)
    phase = "phase2" if entry.phase == Phase.CHILD else "phase1"
    text = f"{phase} negotiation failed due to time up. {_where(ends)}"
    return _Said(Level.ERROR, f"ikev1.c:1701:{_resend(entry)}", text)


def _place(ends: Ends, entry: Entry) -> str:
    in_child = entry.phase == Phase.CHILD
    if ends.is_v2:
        return "ikev2_child.c:874:ikev2_create_child" if in_child else "ikev2_auth.c:291:ikev2_verify"
    return "proposal.c:186:cmpsaprop_alloc" if in_child else "ipsec_doi.c:327:get_ph1approval"


def _values(entry: Entry) -> str:
    ours, theirs = entry.detail.get("ours", ""), entry.detail.get("theirs", "")
    return f": my:{ours} peer:{theirs}" if ours or theirs else ""


def _child_down(ends: Ends, _entry: Entry) -> _Said:
    text = f"phase2 sa expired {ends.local}-{ends.remote}"
    return _Said(Level.INFO, "ikev1.c:2204:isakmp_ph2expire", text)


def _ike_down(ends: Ends, entry: Entry) -> _Said:
    if entry.cause == CauseId.DPD_TIMEOUT:
        return _Said(
            Level.ERROR,
            "isakmp_inf.c:1612:isakmp_info_send_r_u",
            f"DPD: remote seems to be dead {_where(ends)}",
        )
    if entry.cause == CauseId.PEER_DELETED_SA:
        return _Said(Level.INFO, "ikev2.c:3077:ikev2_delete", f"received DELETE IKE_SA {_pair(ends, entry)}")
    if entry.cause == CauseId.PHASE1_TIMEOUT:
        return _timed_out(ends, entry)
    return _Said(Level.INFO, "ikev1.c:2110:isakmp_ph1expire", f"ISAKMP-SA expired {_pair(ends, entry)}")


_WRITES: Final[Mapping[str, Callable[[Ends, Entry], _Said | None]]] = MappingProxyType(
    {
        "started": _started,
        StepKind.MESSAGE: _message,
        StepKind.RETRANSMIT: _retransmit,
        StepKind.IKE_UP: _ike_up,
        StepKind.CHILD_UP: _child_up,
        StepKind.REFUSED: _refused,
        StepKind.IKE_DOWN: _ike_down,
        LifeKind.CHILD_DOWN: _child_down,
        LifeKind.REKEYED: _rekeyed,
        LifeKind.REKEY_REFUSED: _refused,
    }
)
