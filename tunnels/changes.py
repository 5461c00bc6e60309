"""What a worker wants to write about one run: columns and events, from what has happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from ipsec import lifecycle
from ipsec.happenings import Happening, LifeKind, bgp_state
from ipsec.transcript import Phase, StepKind
from tunnels.models import Because, NegotiationRun, TunnelEvent, carrying
from tunnels.standing import KEY_UNREADABLE, Standing, standing_after
from tunnels.transcripts import encode

JITTER = 0.2
"""At most this part of the wait is added, so that tunnels that failed together don't return together."""
Severity = TunnelEvent.Severity


@dataclass(frozen=True, slots=True)
class Change:
    """`turns` are the moments at which the tunnel began or ceased to carry traffic."""

    run: NegotiationRun
    values: dict[str, Any]
    events: tuple[TunnelEvent, ...] = ()
    turns: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True)
class Climb:
    """Where happenings lead, and since when the state is what it is."""

    standing: Standing
    since: datetime | None
    told: tuple[Happening, ...]

    @property
    def turns(self) -> tuple[Happening, ...]:
        return tuple(each for each in self.told if each.kind in (LifeKind.CARRIES, LifeKind.CARRIES_NOT))


def climb(run: NegotiationRun, standing: Standing, told: Iterable[Happening]) -> Climb:
    """Fold what has happened over where the run stands."""
    since, done = run.status_since, []
    for happened in told:
        later = standing_after(standing, happened)
        since = since if later.status == standing.status else happened.at
        done.append(happened)
        done.extend(_turn(run, standing, later, happened.at))
        standing = later
    return Climb(standing, since, tuple(done))


def _turn(run: NegotiationRun, before: Standing, after: Standing, at: datetime) -> Iterable[Happening]:
    """The moment at which a tunnel begins or ceases to carry traffic is told of by itself."""
    carried, carries = carries_at(run, before), carries_at(run, after)
    if carried != carries:
        yield Happening(at, LifeKind.CARRIES if carries else LifeKind.CARRIES_NOT, Phase.CHILD)


def carries_at(run: NegotiationRun, standing: Standing) -> bool:
    """As `NegotiationRun.carries`, of a run that stands there."""
    if run.out_of_service or run.blocked:
        return False
    return carrying(standing.status, standing.bgp_status)


def wait(failures: int, attempt: UUID) -> timedelta:
    """Until the next attempt: 30 s, 60 s, 120 s, … up to 5 min, and by the id up to a fifth more."""
    base = lifecycle.wait(failures - 1)
    return base + base * JITTER * (attempt.int % 1000 / 1000)


# Events

_SEVERITIES: Final = {
    StepKind.RETRANSMIT: Severity.WARNING,
    StepKind.REFUSED: Severity.ERROR,
    StepKind.IKE_DOWN: Severity.ERROR,
    LifeKind.CHILD_DOWN: Severity.ERROR,
    LifeKind.BGP_DOWN: Severity.ERROR,
    LifeKind.REKEY_REFUSED: Severity.WARNING,
    LifeKind.SILENT: Severity.WARNING,
    LifeKind.CARRIES_NOT: Severity.WARNING,
}


def opening_event(tunnel_id: int, attempt: UUID, at: datetime, because: Because) -> TunnelEvent:
    return TunnelEvent(tunnel_id=tunnel_id, attempt=attempt, at=at, kind="started", message=because.value)


def events(
    tunnel_id: int, attempt: UUID, told: Sequence[Happening], *, after: int
) -> tuple[TunnelEvent, ...]:
    """One for each happening, at the positions that follow `after`."""
    return tuple(_event(tunnel_id, attempt, each, position) for position, each in enumerate(told, after + 1))


def _event(tunnel_id: int, attempt: UUID, told: Happening, position: int) -> TunnelEvent:
    return TunnelEvent(
        tunnel_id=tunnel_id,
        attempt=attempt,
        position=position,
        at=told.at,
        phase=told.phase.value,
        severity=_SEVERITIES.get(told.kind, Severity.INFO),
        kind=told.kind.value,
        message=told.message,
        cause=told.refusal.cause if told.refusal else "",
        detail=_detail(told),
    )


def _detail(told: Happening) -> dict[str, Any]:
    said: dict[str, Any] = {"sender": told.sender.value, "payloads": list(told.payloads), **told.detail}
    if told.phase is Phase.BGP and (state := bgp_state(told.message, told.kind, told.sender)):
        said["state"] = state
    return said | (encode(told.refusal) if told.refusal else {})


def unreadable(run: NegotiationRun, time: datetime, due: datetime) -> Change:
    """No key in FIELD_KEYS opens a secret of this tunnel: say so, and look again as after any failure."""
    values = {
        "negotiating": False,
        "cause": KEY_UNREADABLE,
        "refusal": None,
        "checked_at": time,
        "version": run.version + 1,
        "failures": run.failures + 1,
        "due_at": due,
    }
    news = run.cause != KEY_UNREADABLE
    return Change(run, values, (_unreadable_event(run, time),) if news else ())


def _unreadable_event(run: NegotiationRun, time: datetime) -> TunnelEvent:
    return TunnelEvent(
        tunnel_id=run.tunnel_id, at=time, severity=Severity.ERROR, kind="refused", cause=KEY_UNREADABLE
    )


def readable(standing: Standing) -> Standing:
    """A key that could not be read is no cause any more once everything has been read."""
    return replace(standing, cause="") if standing.cause == KEY_UNREADABLE else standing
