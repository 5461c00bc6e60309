"""How often somebody may ask: enough for any person, too little for a script that reads out or wears down.

Counted by the minute in the cache that all web processes share. Where the cache is away nobody is held up:
a throttle guards against too much, and must not itself become what stops the work.
"""

import time
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from redis.exceptions import RedisError

WINDOW: Final = 60
"""Seconds."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Throttle(StrEnum):
    """Each has its row in `settings.THROTTLES`: how many in a minute, 0 for any number."""

    WRITE = "write"
    REVEAL = "reveal"
    DOWNLOAD = "download"
    SIGN_IN = "sign_in"


def held_up(request: HttpRequest, throttle: Throttle, who: object) -> HttpResponse | None:
    """The answer to `who` asks too often; None where it may go on, and that one is counted."""
    limit = settings.THROTTLES[throttle]
    if not limit or _count(throttle, who) <= limit:
        return None
    return _too_many(request, WINDOW - int(time.time()) % WINDOW)


def throttle_of(request: HttpRequest, own: Throttle | None) -> Throttle | None:
    """The view's own throttle, whatever the method; else that of writes."""
    if own is not None:
        return own
    return None if request.method in SAFE_METHODS else Throttle.WRITE


def _count(throttle: Throttle, who: object) -> int:
    """How many there were in this minute, with this one."""
    key = f"throttle:{throttle}:{who}:{int(time.time()) // WINDOW}"
    try:
        return cache.incr(key)
    except ValueError:
        return _first(key)
    except (RedisError, OSError):
        return 0


def _first(key: str) -> int:
    """Count the minute's first one; another may be that at the same moment."""
    try:
        cache.add(key, 0, 2 * WINDOW)
        return cache.incr(key)
    except (RedisError, OSError, ValueError):  # away, or the key was evicted between the two
        return 0


def _too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """htmx puts it where the page says things, and leaves the rest of the page as it was."""
    htmx = getattr(request, "htmx", False)
    template = "accounts/_too_many.html" if htmx else "accounts/too_many.html"
    response = render(request, template, {"seconds": seconds}, status=429)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    if htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#notices", "innerHTML"
    return response
