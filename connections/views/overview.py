"""The start page: all regions, what is broken, since when, and why."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import ConsoleRequest, member
from accounts.current import current_region
from accounts.models import Role
from accounts.pulse import Pulse, answer, pulse
from connections.fleet.models import WORST_FIRST, Level
from connections.looks import health_look
from connections.overview import COUNTED, Overview
from connections.overview import overview as overview_of
from connections.picture import picture
from wording.look import Look, quiet

ALWAYS: Final = (Level.DOWN, Level.DEGRADED, Level.UP)
"""Numbers that are shown even where they are none."""


@require_safe
@member()
def overview(request: ConsoleRequest) -> HttpResponse:
    current_region(request)
    seen = overview_of(request.actor.account)
    return render(request, "connections/overview.html", _context(request, seen, _pulse(request, seen)))


@require_safe
@member()
def live(request: ConsoleRequest) -> HttpResponse:
    """The page's pulse; with its contents, where they are not what the page has seen."""
    seen = overview_of(request.actor.account)
    beat = _pulse(request, seen)
    return answer(request, beat, "connections/_overview_apart.html", lambda: _context(request, seen, beat))


def _pulse(request: ConsoleRequest, seen: Overview) -> Pulse:
    moving = bool(seen.levels.get(Level.NEGOTIATING))
    return pulse(request, reverse("connections:overview-live"), seen=seen.version, moving=moving)


def _context(request: ConsoleRequest, seen: Overview, beat: Pulse) -> dict[str, Any]:
    return {
        "overview": seen,
        "numbers": _numbers(seen.levels, all_of=False),
        "regions": [
            (region, sum(levels.values()), _numbers(levels, all_of=True))
            for region, levels in sorted(seen.regions.items(), key=lambda one: -sum(one[1].values()))
            if sum(levels.values())
        ],
        "picture": picture(seen),
        "gateways_more": seen.gateways > COUNTED,
        "gateways_most": COUNTED,
        "pulse": beat,
        "checked_at": timezone.now(),
        "may_write": request.actor.may(Role.OPERATOR),
    }


def _numbers(levels: Mapping[int, int], *, all_of: bool) -> list[tuple[str, Look, int]]:
    """The list's state, its look, how many; of a region only what there is."""
    numbers = [(level, levels.get(level, 0)) for level in WORST_FIRST]
    return [
        (level.word, health_look(level) if number else quiet(level.label), number)
        for level, number in numbers
        if number or (level in ALWAYS and not all_of)
    ]
