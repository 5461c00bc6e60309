"""Playing negotiations: what is due becomes events and states, each exactly once, whoever dies on the way.

A worker claims due rows for a short lease, works out what has happened since, and writes it where the row is
still as it was read (`tunnels.writing`). Whoever comes second, or with an attempt that the tunnel has left,
changes no row and writes nothing. All times come from the caller; they are real, and a connection with a
clock of its own has its events told in that clock's time.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from accounts.encryption import SecretUnreadable
from tunnels.attempts import begins, played_out, set_up
from tunnels.changes import Change, unreadable, wait
from tunnels.clock import REAL, Clock, clocks_of
from tunnels.lives import live_on
from tunnels.models import NegotiationRun, Tunnel
from tunnels.writing import write, write_all

LEASE = timedelta(seconds=30)
"""How long a claimed row is left alone: far longer than a batch takes, short enough for a dead worker's."""

logger = logging.getLogger(__name__)


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
    clock = clocks_of([run.tunnel_id]).get(run.tunnel_id, REAL)
    return bool(write([_change(run, clock, now)]))


def play_all(runs: Iterable[NegotiationRun], now: datetime) -> int:
    """Play a batch in one transaction: how many were written. What cannot be played stays for later."""
    batch = [*runs]
    clocks = clocks_of([run.tunnel_id for run in batch]) if batch else {}
    _read_tunnels([run for run in batch if begins(run) or played_out(run)])
    played = (_change_or_none(run, clocks.get(run.tunnel_id, REAL), now) for run in batch)
    return write_all([change for change in played if change])


def _read_tunnels(runs: list[NegotiationRun]) -> None:
    """In one query for all. Where a secret among them is unreadable, reading each alone tells whose it is."""
    rows = Tunnel.objects.select_related("connection", "customer_gateway", "peer_device")
    with suppress(SecretUnreadable):
        prefetch_related_objects(runs, Prefetch("tunnel", rows))


def _change(run: NegotiationRun, clock: Clock, now: datetime) -> Change:
    try:
        lives = run.life is not None and played_out(run)
        return live_on(run, clock, now) if lives else set_up(run, clock, now)
    except SecretUnreadable:
        again = wait(run.failures + 1, run.attempt or UUID(int=0))
        return unreadable(run, clock.time(now), clock.due(clock.time(now) + again, now))


def _change_or_none(run: NegotiationRun, clock: Clock, now: datetime) -> Change | None:
    try:
        return _change(run, clock, now)
    except Exception:  # one tunnel that cannot be played must not stop the others
        logger.exception("negotiation run %s cannot be played", run.pk)
        return None
