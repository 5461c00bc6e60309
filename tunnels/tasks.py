"""The bell. Everything it does is safe to do twice, at the same time, late, or not at all."""

import logging
import time

from celery import shared_task
from kombu.exceptions import OperationalError

from tunnels import clock, events
from tunnels.playing import claim_due, play_all

BATCH = 50
MOST_BATCHES = 200
"""What one ring does at most; the next one goes on."""

QUIET = 15.0
"""Seconds."""

_quiet_until = 0.0
logger = logging.getLogger(__name__)


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
    """Ring now, for whoever waits for it; the bell's own rhythm makes up for a ring that is lost.

    It takes seconds to find out that a broker is away, and whoever writes waits for that: once it was, this
    process leaves ringing to the bell for a while.
    """
    global _quiet_until  # noqa: PLW0603 - of this process
    if time.monotonic() < _quiet_until:
        return
    try:
        tick.apply_async(expires=10, ignore_result=True)
    except OperationalError:
        _quiet_until = time.monotonic() + QUIET
        logger.warning("the broker is away: negotiations start with the next ring of the bell")
