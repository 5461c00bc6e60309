"""Bells of connections. Safe to ring twice, at once, late, or not at all."""

from celery import shared_task

from connections.fleet import tallies
from connections.services.settling import settle_due
from tunnels import clock
from tunnels.bell import BELL


@shared_task(name="connections.settle")
def settle() -> int:
    """Bring about every change that is due: how many connections were settled."""
    return settle_due(clock.now())


def ring() -> None:
    """Ring now, for whoever waits for it."""
    BELL.ring(settle)


@shared_task(name="connections.fold_tallies")
def fold_tallies() -> int:
    """Keep the counts short, which are right at any moment: how many rows of tallies went into others."""
    return tallies.fold()
