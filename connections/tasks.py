"""The bell for what is pending about connections. Safe to ring twice, at once, late, or not at all."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

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
