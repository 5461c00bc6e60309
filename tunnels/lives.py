"""Playing what comes after a set-up: rekeys, expiry, silence, BGP's own timers. See `ipsec.lifecycle`."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ipsec.datapath import Stop
from ipsec.happenings import Happening, LifeKind
from ipsec.lifecycle import Chapter, Life, live, next_moment, notice, skip_to
from ipsec.scenario import Scenario
from ipsec.transcript import Phase
from tunnels.changes import Change, Climb, carries_at, climb, events, readable
from tunnels.clock import Clock
from tunnels.models import NegotiationRun
from tunnels.scenario import blocked_by, scenario_of
from tunnels.standing import Standing
from tunnels.transcripts import decode_life, encode

JUST_AFTER = timedelta(milliseconds=1)
"""Events of two attempts are told apart by their time."""
MOST_CHAPTERS = 40
"""Of one run at a time; what is left is due at once. Only clocks that run fast come near it."""


def live_on(run: NegotiationRun, clock: Clock, now: datetime) -> Change:
    """The run after everything that its SAs, its timers and its device have done until now."""
    if run.attempt is None or run.life is None:
        raise ValueError("a run without SAs has no life")
    time = clock.time(now)
    seen_at = min(clock.time(run.due_at), time) if run.due_at else time
    scenario = scenario_of(run.tunnel, run.attempt)
    blocked = blocked_by(scenario, run.tunnel.peer_device)
    life = replace(decode_life(run.life), esp_passes=not blocked)
    chapter = _lived(life, scenario, seen_at, time)
    if clock.speed > 1 and chapter.life:
        chapter = replace(chapter, life=_caught_up(chapter.life, scenario, time))
    standing = readable(Standing.of(run))
    turned = _opened_or_closed(run, standing, blocked, seen_at)
    done = climb(run, standing, chapter.told)
    done = replace(done, told=(*turned, *done.told))
    told = events(run.tunnel_id, run.attempt, done.told, after=run.cursor)
    return Change(run, _values(run, chapter.life, done, clock, now), told, done.turns)


def _opened_or_closed(
    run: NegotiationRun, standing: Standing, blocked: Stop, at: datetime
) -> tuple[Happening, ...]:
    """The way that ESP takes has changed: from now on the run is `blocked` or not."""
    carried = carries_at(run, standing)
    run.blocked = blocked.value
    carries = carries_at(run, standing)
    if carried == carries:
        return ()
    return (Happening(at, LifeKind.CARRIES if carries else LifeKind.CARRIES_NOT, Phase.CHILD),)


def _lived(life: Life, scenario: Scenario, seen_at: datetime, time: datetime) -> Chapter:
    chapter = notice(life, scenario, seen_at)
    told = [*chapter.told]
    for _ in range(MOST_CHAPTERS):
        moment = next_moment(chapter.life) if chapter.life else None
        if chapter.life is None or moment is None or moment > time:
            break
        chapter = live(chapter.life, scenario)
        told += chapter.told
    return Chapter(chapter.life, tuple(told))


def _caught_up(life: Life, scenario: Scenario, time: datetime) -> Life:
    moment = next_moment(life)
    return skip_to(life, scenario, time) if moment and moment <= time else life


def _values(
    run: NegotiationRun, life: Life | None, done: Climb, clock: Clock, now: datetime
) -> dict[str, Any]:
    """Once the SAs are gone the next attempt is due."""
    moment = next_moment(life) if life else done.told[-1].at + JUST_AFTER
    return {
        **done.standing.columns(),
        "status_since": done.since,
        "cursor": run.cursor + len(done.told),
        "checked_at": (life and life.silent_since) or clock.time(now),
        "version": run.version + 1,
        "life": encode(life),
        "blocked": run.blocked,
        "failures": 0,
        "due_at": clock.due(moment, now) if moment else None,
    }
