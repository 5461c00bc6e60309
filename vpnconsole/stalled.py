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

PATIENCE: Final = 30.0
"""Seconds that one message may stand first in the queue while this worker does no task."""
EVERY: Final = 5.0
"""Seconds between two looks."""
EXIT_STATUS: Final = 70
"""EX_SOFTWARE of sysexits.h."""

logger = logging.getLogger(__name__)


class Idleness:
    """For how long this process has done nothing while the same message waited."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way = 0
        self._first: bytes | None = None
        self._since = 0.0

    def task_begins(self) -> None:
        with self._lock:
            self._under_way += 1
            self._first = None

    def task_ends(self) -> None:
        with self._lock:
            self._under_way -= 1
            self._first = None

    def seconds(self, first: bytes | None, now: float) -> float:
        """`first` is the message that is taken next, None if none waits; `now` of a clock that only grows."""
        with self._lock:
            if first is None or self._under_way or first != self._first:
                self._first, self._since = first, now
            return now - self._since


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
    while (idle := IDLENESS.seconds(first(), time.monotonic())) <= PATIENCE:
        time.sleep(EVERY)
    logger.critical("work waits for %.0f s and this worker takes none: it ends, to be started anew", idle)
    os._exit(EXIT_STATUS)
