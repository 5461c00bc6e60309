"""A worker that leaves work waiting and does none ends itself; whoever keeps it running starts it anew.

A Celery worker whose Redis was away can come back connected and deaf: it reads no message any more, says
nothing and goes on for ever, so that nobody who watches processes notices. Ending is safe at any moment.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Final

import redis
from celery import Celery
from redis.exceptions import RedisError

from vpnconsole import heartbeats

PATIENCE: Final = 30.0
"""Seconds that one message may stand first in the queue while this worker does no task."""
FORGOTTEN: Final = 600.0
"""Seconds without a task although beat rings: then others take all there is. Redis serves whoever waits
longest, so that a worker which hears has its turn within seconds."""
EVERY: Final = 5.0
"""Seconds between two looks."""
EXIT_STATUS: Final = 70
"""EX_SOFTWARE of sysexits.h."""

logger = logging.getLogger(__name__)


class Idleness:
    """For how long this process has done nothing, by a clock that only grows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way = 0
        self._worked = True
        self._first: bytes | None = None
        self._first_since = 0.0
        self._since = 0.0

    def task_begins(self) -> None:
        with self._lock:
            self._under_way += 1
            self._worked = True

    def task_ends(self) -> None:
        with self._lock:
            self._under_way -= 1

    def look(self, first: bytes | None, now: float) -> tuple[float, float]:
        """Seconds without a task, and of these the last in which the same message has waited. `first` is the
        message that is taken next, None if none waits."""
        with self._lock:
            if self._under_way or self._worked:
                self._since = self._first_since = now
            if first is None or first != self._first:
                self._first_since = now
            self._first, self._worked = first, False
            return now - self._since, now - self._first_since


IDLENESS: Final = Idleness()


def watch(app: Celery) -> None:
    """Look every few seconds, until this process ends."""
    if not app.conf.broker_url.startswith("redis"):
        return
    first = first_in_queue(app)
    threading.Thread(target=_watch, args=(first,), name="stalled", daemon=True).start()


def first_in_queue(app: Celery) -> Callable[[], bytes | None]:
    """What is taken next from the queue, None if nothing can be seen. Kombu pushes left and pops right."""
    queue = app.conf.broker_transport_options["global_keyprefix"] + app.conf.task_default_queue
    broker = redis.Redis.from_url(app.conf.broker_url, socket_timeout=2, socket_connect_timeout=1)

    def first() -> bytes | None:
        try:
            return broker.lindex(queue, -1)  # type: ignore[return-value]  # not awaited, not decoded
        except (RedisError, OSError):
            return None

    return first


def _watch(first: Callable[[], bytes | None]) -> None:
    while not _is_deaf(*IDLENESS.look(first(), time.monotonic())):
        time.sleep(EVERY)
    logger.critical("there is work, and this worker takes none: it ends, to be started anew")
    os._exit(EXIT_STATUS)


def _is_deaf(idle: float, waited: float) -> bool:
    return waited > PATIENCE or (idle > FORGOTTEN and _beat_rings())


def _beat_rings() -> bool:
    try:
        rung = heartbeats.last_seen().get(heartbeats.Part.BEAT)
    except (RedisError, OSError):
        return False
    return rung is not None and time.time() - rung < heartbeats.SILENT
