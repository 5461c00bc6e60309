"""Playing transcripts: what is due becomes events and states, each exactly once, whoever dies on the way.

A worker claims due rows for a short lease, works out what has happened since, and writes it by a conditional
update on (attempt, cursor, version). Whoever comes second, or with an attempt that is no longer the tunnel's,
changes no row and writes nothing. All times come from the caller.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import DatabaseError, transaction
from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from accounts.encryption import SecretUnreadable
from ipsec.negotiation import negotiate
from ipsec.transcript import Step, Transcript
from tunnels.models import Because, NegotiationRun, Tunnel, TunnelEvent
from tunnels.scenario import scenario_of
from tunnels.standing import KEY_UNREADABLE, Standing, needs_retry, standing_after
from tunnels.transcripts import decode, encode

LEASE = timedelta(seconds=30)
"""How long a claimed row is left alone: far longer than a batch takes, short enough for a dead worker's."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=5)
JITTER = 0.2
"""At most this part of the wait is added, so that tunnels that failed together don't return together."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Take:
    """An attempt as far as it is played. `fresh`: nobody has stored it yet; `retry`: a worker begins it."""

    attempt: UUID
    started_at: datetime
    transcript: Transcript
    cursor: int = 0
    fresh: bool = True
    retry: bool = False

    def at(self, step: Step) -> datetime:
        return self.started_at + timedelta(milliseconds=step.at_ms)

    def due(self, now: datetime) -> tuple[Step, ...]:
        """The steps whose time has come and which nobody has played yet."""
        return tuple(step for step in self.transcript.steps[self.cursor :] if self.at(step) <= now)


@dataclass(frozen=True, slots=True)
class Change:
    """What one worker wants to write about one run."""

    run: NegotiationRun
    values: dict[str, Any]
    events: tuple[TunnelEvent, ...] = ()


def claim_due(now: datetime, limit: int) -> list[NegotiationRun]:
    """Up to `limit` runs that are due, longest due first, now claimed by the caller until `now + LEASE`."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    due = NegotiationRun.objects.filter(free, due_at__lte=now)
    if not due.exists():  # most rings find nothing; they should not queue for SQLite's write lock
        return []
    with transaction.atomic():
        keys = [*_locked(due).order_by("due_at").values_list("pk", flat=True)[:limit]]
        due.filter(pk__in=keys).update(claimed_until=now + LEASE)
    # In the order of their keys, as services lock them.
    return [*NegotiationRun.objects.filter(pk__in=keys).order_by("pk")]


def _locked(due: QuerySet[NegotiationRun]) -> QuerySet[NegotiationRun]:
    """PostgreSQL passes over what another worker is claiming; SQLite has one writer at a time anyway."""
    return due.select_for_update(skip_locked=True)


def play(run: NegotiationRun, now: datetime) -> bool:
    """Write everything that has happened to the run until `now`. False if somebody else was first."""
    return _write(_change(run, now))


def play_all(runs: Iterable[NegotiationRun], now: datetime) -> int:
    """Play a batch in one transaction: how many were written. What cannot be played stays for later."""
    batch = [*runs]
    _read_tunnels([run for run in batch if _begins(run)])
    changes = [change for change in (_change_or_none(run, now) for run in batch) if change]
    with transaction.atomic():
        return sum(_write_or_not(change) for change in changes)


def _begins(run: NegotiationRun) -> bool:
    """Whether the next thing is to negotiate: nothing is stored yet, or all of it has been played."""
    return run.transcript is None or run.cursor >= len(run.transcript.get("steps", ()))


def _read_tunnels(runs: list[NegotiationRun]) -> None:
    """In one query for all. Where a secret among them is unreadable, reading each alone tells whose it is."""
    rows = Tunnel.objects.select_related("connection", "customer_gateway", "peer_device")
    with suppress(SecretUnreadable):
        prefetch_related_objects(runs, Prefetch("tunnel", rows))


def _change_or_none(run: NegotiationRun, now: datetime) -> Change | None:
    try:
        return _change(run, now)
    except Exception:  # one tunnel that cannot be played must not stop the others
        logger.exception("negotiation run %s cannot be played", run.pk)
        return None


def _write_or_not(change: Change) -> bool:
    try:
        return _write(change)
    except DatabaseError:
        logger.exception("negotiation run %s cannot be written", change.run.pk)
        return False


def _write(change: Change) -> bool:
    """First the update that decides who writes, then the events; both or neither."""
    run = change.run
    with transaction.atomic():
        won = NegotiationRun.objects.filter(
            pk=run.pk, attempt=run.attempt, cursor=run.cursor, version=run.version
        ).update(**change.values, claimed_until=None)
        if won:
            TunnelEvent.objects.bulk_create(change.events)
    return bool(won)


def _change(run: NegotiationRun, now: datetime) -> Change:
    try:
        take = _take(run, now)
    except SecretUnreadable:
        return _unreadable(run, now)
    return _played(run, take, now)


def _take(run: NegotiationRun, now: datetime) -> Take:
    """The attempt to play on, or one to begin: the one asked for, or the next where the last one failed."""
    if run.attempt is None:
        raise ValueError("a run without an attempt is not due")
    if run.transcript is None or run.started_at is None:
        return Take(run.attempt, now, negotiate(scenario_of(run.tunnel, run.attempt)))
    if _begins(run):
        again = uuid5(run.attempt, "retry")
        return Take(again, now, negotiate(scenario_of(run.tunnel, again)), retry=True)
    return Take(run.attempt, run.started_at, decode(run.transcript), run.cursor, fresh=False)


def _played(run: NegotiationRun, take: Take, now: datetime) -> Change:
    """The run after all steps that are due at `now`, with an event for each."""
    steps = take.due(now)
    standing, since = _climbed(run, take, steps)
    cursor = take.cursor + len(steps)
    values = {
        **standing.columns(),
        "status_since": since,
        "cursor": cursor,
        "checked_at": now,
        "version": run.version + 1,
        **(_stored(take) if take.fresh else {}),
        **_after(run, take, cursor, standing, now),
    }
    return Change(run, values, _events(run, take, steps))


def _climbed(run: NegotiationRun, take: Take, steps: tuple[Step, ...]) -> tuple[Standing, datetime | None]:
    """Where the steps lead, and since when the state is what it is. One that comes back has not changed."""
    standing = Standing.of(run).begun() if take.fresh else Standing.of(run)
    since = run.status_since
    for step in steps:
        later = standing_after(standing, step)
        since = since if later.status == standing.status else take.at(step)
        standing = later
    return standing, run.status_since if standing.status == run.status else since


def _stored(take: Take) -> dict[str, Any]:
    """The transcript is written once per attempt."""
    return {
        "attempt": take.attempt,
        "started_at": take.started_at,
        "transcript": encode(take.transcript),
    }


def _after(run: NegotiationRun, take: Take, cursor: int, standing: Standing, now: datetime) -> dict[str, Any]:
    """When the row is due next: at its next step, after a failure, or not at all."""
    if cursor < len(take.transcript.steps):
        return {"due_at": take.at(take.transcript.steps[cursor])}
    if needs_retry(standing):
        failures = run.failures + 1
        return {"failures": failures, "due_at": now + wait(failures, take.attempt)}
    return {"failures": 0, "due_at": None}


def wait(failures: int, attempt: UUID) -> timedelta:
    """Until the next attempt: 30 s, 60 s, 120 s, … up to 5 min, and by the id up to a fifth more."""
    base: timedelta = min(FIRST_WAIT * 2 ** min(failures - 1, 10), LONGEST_WAIT)
    return base + base * JITTER * (attempt.int % 1000 / 1000)


def _events(run: NegotiationRun, take: Take, steps: tuple[Step, ...]) -> tuple[TunnelEvent, ...]:
    told = tuple(_event(run, take, step, position) for position, step in enumerate(steps, take.cursor + 1))
    if take.retry:
        return (opening_event(run.tunnel_id, take.attempt, take.started_at, Because.RETRY), *told)
    return told


def opening_event(tunnel_id: int, attempt: UUID | None, at: datetime, because: Because) -> TunnelEvent:
    return TunnelEvent(tunnel_id=tunnel_id, attempt=attempt, at=at, kind="started", message=because.value)


def _event(run: NegotiationRun, take: Take, step: Step, position: int) -> TunnelEvent:
    said = {"sender": step.sender.value, "payloads": list(step.payloads), **step.detail}
    return TunnelEvent(
        tunnel_id=run.tunnel_id,
        attempt=take.attempt,
        position=position,
        at=take.at(step),
        phase=step.phase.value,
        severity=TunnelEvent.Severity.ERROR if step.refusal else TunnelEvent.Severity.INFO,
        kind=step.kind.value,
        message=step.message,
        cause=step.refusal.cause if step.refusal else "",
        detail=said | (encode(step.refusal) if step.refusal else {}),
    )


def _unreadable(run: NegotiationRun, now: datetime) -> Change:
    """No key in FIELD_KEYS opens a secret of this tunnel: say so, and look again as after any failure."""
    failures = run.failures + 1
    values = {
        "negotiating": False,
        "cause": KEY_UNREADABLE,
        "refusal": None,
        "checked_at": now,
        "version": run.version + 1,
        "failures": failures,
        "due_at": now + wait(failures, run.attempt or UUID(int=0)),
    }
    news = run.cause != KEY_UNREADABLE
    return Change(run, values, (_unreadable_event(run, now),) if news else ())


def _unreadable_event(run: NegotiationRun, now: datetime) -> TunnelEvent:
    error = TunnelEvent.Severity.ERROR
    return TunnelEvent(tunnel_id=run.tunnel_id, at=now, severity=error, kind="refused", cause=KEY_UNREADABLE)
