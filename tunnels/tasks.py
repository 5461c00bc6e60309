"""The bell. Everything it does is safe to do twice, at the same time, late, or not at all."""

from celery import shared_task

from tunnels import clock, events
from tunnels.bell import BELL
from tunnels.playing import claim_due, play_all

BATCH = 50
MOST_BATCHES = 200
"""What one ring does at most; the next one goes on."""


@shared_task(name="tunnels.tick")
def tick() -> int:
    """Play all negotiations that are due: how many rows were written."""
    written = 0
    for _ in range(MOST_BATCHES):
        now = clock.now()
        runs = claim_due(now, BATCH)
        if not runs:
            break
        written += play_all(runs, now)
    return written


@shared_task(name="tunnels.delete_old_events")
def delete_old_events() -> int:
    """Delete what is past EVENT_RETENTION_DAYS: how many events went."""
    return events.delete_old()


def ring() -> None:
    """Ring now, for whoever waits for it."""
    BELL.ring(tick)
