"""Signs of life that worker and beat leave in the cache, for /metrics and `manage.py doctor`."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from redis.exceptions import RedisError

EVERY: Final = 5.0
"""Seconds between two signs."""
KEPT: Final = 7 * 86400
"""Seconds that the last one is kept: whoever was away for a week is gone."""

SILENT: Final = 30.0
"""Seconds without a sign after which a part counts as silent."""

logger = logging.getLogger(__name__)
_left: dict["Part", float] = {}


class Part(StrEnum):
    WORKER = "worker"
    """Has done a task."""
    BEAT = "beat"
    """Has rung the bell."""

    @property
    def key(self) -> str:
        return f"heartbeat:{self.value}"


def leave(part: Part) -> None:
    """Leave a sign of life, unless this process has left one just now. A broker that is away is no matter."""
    now = time.monotonic()
    if now - _left.get(part, float("-inf")) < EVERY:
        return
    _left[part] = now
    try:
        cache.set(part.key, time.time(), KEPT)
    except (RedisError, OSError) as error:
        logger.debug("no sign of life can be left: %s", type(error).__name__)


def last_seen(where: BaseCache = cache) -> Mapping[Part, float]:
    """Seconds since 1970 of each part's last sign; parts without one are left out."""
    found = where.get_many([part.key for part in Part])
    return {part: found[part.key] for part in Part if part.key in found}


@dataclass(frozen=True, slots=True)
class Workers:
    """Whether what pages show is still being kept true."""

    silent_since: datetime | None = None
    never_seen: bool = False
    broker_away: bool = False

    @property
    def at_work(self) -> bool:
        return not (self.silent_since or self.never_seen or self.broker_away)


def workers() -> Workers:
    try:
        seen = cache.get(Part.WORKER.key)
    except (RedisError, OSError):
        return Workers(broker_away=True)
    if seen is None:
        return Workers(never_seen=True)
    silent = time.time() - seen > SILENT
    return Workers(silent_since=datetime.fromtimestamp(seen, UTC) if silent else None)
