"""Rings for workers that somebody waits for. The beat's own rhythm makes up for each that is lost."""

import logging
import threading
import time
from contextvars import Context, copy_context
from queue import Queue
from typing import Any, Final

from kombu.exceptions import OperationalError

QUIET: Final = 15.0
"""Seconds."""

logger = logging.getLogger(__name__)


class Bell:
    """One process's. A thread takes the rings to the broker: whoever writes waits for none, and least of all
    for one that is away. Once it was, this process leaves ringing to the beat for a while."""

    def __init__(self) -> None:
        self._rung: Queue[tuple[Context, Any]] = Queue()
        self._ringer: threading.Thread | None = None
        self._starting = threading.Lock()
        self._quiet_until = 0.0

    def ring(self, task: Any) -> None:
        """`task` is a Celery task that is safe to run twice, late, or not at all."""
        self._rung.put((copy_context(), task))  # the request that rings is known in its context
        with self._starting:
            if self._ringer is None or not self._ringer.is_alive():  # it stays behind when a process forks
                self._ringer = threading.Thread(target=self._ring_on, name="bell", daemon=True)
                self._ringer.start()

    def hear(self) -> None:
        """Wait until all that was rung is with the broker, or lost."""
        self._rung.join()

    def wake(self) -> None:
        """Try again with the next ring."""
        self._quiet_until = 0.0

    def _ring_on(self) -> None:
        while True:
            context, task = self._rung.get()
            try:
                context.run(self._send, task)
            except Exception:
                logger.exception("a ring is lost: %s is done with the beat's next", task.name)
            finally:
                self._rung.task_done()

    def _send(self, task: Any) -> None:
        if time.monotonic() < self._quiet_until:
            return
        try:
            task.apply_async(expires=10, ignore_result=True)
        except OperationalError:
            self._quiet_until = time.monotonic() + QUIET
            logger.warning("the broker is away: %s is done with the beat's next ring", task.name)


BELL: Final = Bell()
