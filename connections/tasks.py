"""Bells of connections. Safe to ring twice, at once, late, or not at all."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from connections.fleet import tallies
from connections.services.settling import settle_due
from tunnels import clock

logger = logging.getLogger(__name__)


@shared_task(name="connections.settle")
def settle() -> int:
    """Bring about every change that is due: how many connections were settled."""
    return settle_due(clock.now())


def ring() -> None:
    """Ring now, for whoever waits for it; the bell's own rhythm makes up for a ring that is lost."""
    try:
        settle.apply_async(expires=10, ignore_result=True)
    except OperationalError:
        logger.warning("the broker is away: connections are settled with the next ring of the bell")


@shared_task(name="connections.fold_tallies")
def fold_tallies() -> int:
    """Keep the counts short, which are right at any moment: how many rows of tallies went into others."""
    return tallies.fold()
