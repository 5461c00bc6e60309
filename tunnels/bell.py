"""Rings for workers that somebody waits for. The beat's own rhythm makes up for each that is lost."""

import logging
import time
from typing import Any, Final

from kombu.exceptions import OperationalError

QUIET: Final = 15.0
"""Seconds."""

logger = logging.getLogger(__name__)


class Bell:
    """One process's. It takes seconds to find out that a broker is away, and whoever writes waits for that:
    once it was, this process leaves ringing to the beat for a while."""

    def __init__(self) -> None:
        self._quiet_until = 0.0

    def ring(self, task: Any) -> None:
        """`task` is a Celery task that is safe to run twice, late, or not at all."""
        if time.monotonic() < self._quiet_until:
            return
        try:
            task.apply_async(expires=10, ignore_result=True)
        except OperationalError:
            self._quiet_until = time.monotonic() + QUIET
            logger.warning("the broker is away: %s is done with the beat's next ring", task.name)

    def wake(self) -> None:
        """Try again with the next ring."""
        self._quiet_until = 0.0


BELL: Final = Bell()
