"""How a live page asks again: often while something moves, ever less while nothing does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

SOON: Final = 2
PATIENT: Final = 15
"""So many looks in vain at something that is under way, and it is not looked at that often any more."""
CALM: Final = (5, 10, 10, 20, 30, 60)
"""Seconds until the next look, by how many found nothing new."""
UNKEPT: Final = 10
"""The longest while nobody keeps the page true: that somebody does again is to be seen soon."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """`url` asks what is new since `seen`. `changed`: what the asking page has seen is not what is."""

    url: str
    interval: int
    changed: bool

    @property
    def interval_unkept(self) -> int:
        """While no worker is at work, or nobody knows."""
        return min(self.interval, UNKEPT)


def mark(*values: object) -> str:
    """Another one whenever one of the values is: what a page has seen, in few letters."""
    return f"{crc32(repr(values).encode()):08x}"


def pulse(request: HttpRequest, path: str, *, seen: str, moving: bool, **more: str) -> Pulse:
    asked = request.GET.copy()
    changed = asked.get("seen") != seen
    calm = 0 if changed else _number(asked.get("calm", "")) + 1
    for name, value in {**more, "seen": seen, "calm": str(calm)}.items():
        asked[name] = value
    return Pulse(f"{path}?{asked.urlencode()}", _interval(calm, moving), changed)


def answer(
    request: HttpRequest, beat: Pulse, template: str, make: Callable[[], dict[str, Any]]
) -> HttpResponse:
    """The pulse, and with it what it is the pulse of, which is made only where that has changed."""
    context = (make() if beat.changed else {}) | {"pulse": beat, "checked_at": timezone.now(), "apart": True}
    return render(request, template if beat.changed else "shell/_pulse.html", context)


def _interval(calm: int, moving: bool) -> int:
    if moving and calm < PATIENT:
        return SOON
    return CALM[min(calm, len(CALM) - 1)]


def _number(text: str) -> int:
    return min(int(text), 1000) if text.isascii() and text.isdigit() and len(text) < 5 else 0
