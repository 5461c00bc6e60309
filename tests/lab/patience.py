"""Waiting for daemons: they tell nobody when they are done, so one looks again and again."""

import time
from collections.abc import Callable

SECONDS_TO_REST = 12
_GLANCE = 0.004
"""Seconds between two looks."""


class UnplayableError(Exception):
    """The daemons don't take a pair, or don't come to rest."""


def until(done: Callable[[], bool], what: str) -> None:
    if not within(SECONDS_TO_REST, done):
        raise UnplayableError(f"no rest after {SECONDS_TO_REST} s: {what}")


def within(seconds: float, done: Callable[[], bool]) -> bool:
    """Whether it comes to be so before the time is up."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(_GLANCE)
    return True
