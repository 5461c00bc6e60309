"""Playing a set-up: the transcript of an attempt, step by step, until the SAs are up or it has failed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from ipsec.happenings import Happening, LifeKind, dated
from ipsec.lifecycle import Life, first_life, next_moment
from ipsec.scenario import Scenario
from ipsec.transcript import Phase, Step, StepKind, Transcript
from tunnels.changes import Change, Climb, carries_at, climb, events, opening_event, readable, wait
from tunnels.clock import Clock
from tunnels.models import Because, NegotiationRun
from tunnels.scenario import blocked_by, scenario_of, told_by
from tunnels.standing import Standing, needs_retry
from tunnels.transcripts import decode, decode_life, encode


@dataclass(frozen=True, slots=True)
class Take:
    """An attempt as far as it is played. `fresh`: nobody has stored it yet; `because`: a worker begins it."""

    attempt: UUID
    started_at: datetime
    transcript: Transcript
    cursor: int = 0
    life: Life | None = None
    blocked: str = ""
    fresh: bool = True
    because: Because | None = None

    def at(self, step: Step) -> datetime:
        return self.started_at + timedelta(milliseconds=step.at_ms)

    def due(self, time: datetime) -> tuple[Happening, ...]:
        """The steps whose time has come and which nobody has played yet."""
        left = self.transcript.steps[self.cursor :]
        return tuple(dated(step, self.started_at) for step in left if self.at(step) <= time)


def begins(run: NegotiationRun) -> bool:
    """Whether the next thing is to negotiate: nothing is stored yet, or all that is stored is over."""
    return run.transcript is None or (run.life is None and played_out(run))


def played_out(run: NegotiationRun) -> bool:
    return run.transcript is not None and run.cursor >= len(run.transcript.get("steps", ()))


def set_up(run: NegotiationRun, clock: Clock, now: datetime) -> Change:
    """The run after all steps that are due, with an event for each."""
    take = _take(run, clock, now)
    done = _climbed(run, take, take.due(clock.time(now)))
    cursor = take.cursor + len(done.told)
    values = {
        **done.standing.columns(),
        "status_since": done.since,
        "cursor": cursor,
        "checked_at": clock.time(now),
        "version": run.version + 1,
        **(_stored(take) if take.fresh else {}),
        **_after(run, take, done, clock, now),
    }
    told = events(run.tunnel_id, take.attempt, done.told, after=take.cursor)
    if take.because:
        told = (opening_event(run.tunnel_id, take.attempt, take.started_at, take.because), *told)
    return Change(run, values, told, done.turns)


def _take(run: NegotiationRun, clock: Clock, now: datetime) -> Take:
    """The attempt to play on, or one to begin: the one asked for, or the next where the last one is over."""
    if run.attempt is None:
        raise ValueError("a run without an attempt is not due")
    if run.transcript is None or run.started_at is None:
        return _fresh(run, run.attempt, clock.begin(run.due_at, now), None)
    if begins(run):
        because = Because.RETRY if run.failures else Because.LOST
        return _fresh(run, uuid5(run.attempt, "retry"), clock.begin(run.due_at, now), because)
    life = decode_life(run.life) if run.life else None
    transcript = decode(run.transcript)
    return Take(run.attempt, run.started_at, transcript, run.cursor, life, run.blocked, fresh=False)


def _fresh(run: NegotiationRun, attempt: UUID, start: datetime, because: Because | None) -> Take:
    scenario = scenario_of(run.tunnel, attempt)
    transcript = told_by(scenario, run.tunnel.peer_device)
    blocked = blocked_by(scenario, run.tunnel.peer_device).value if transcript.child_established else ""
    life = _life(scenario, transcript, start)
    if life is not None:
        life = replace(life, esp_passes=not blocked)
    return Take(attempt, start, transcript, life=life, blocked=blocked, because=because)


def _life(scenario: Scenario, transcript: Transcript, start: datetime) -> Life | None:
    """Of the SAs that are about to come up; none where phase 2 fails, for then all is done again."""
    if not transcript.child_established:
        return None
    at = {step.kind: dated(step, start).at for step in transcript.steps}
    return first_life(
        scenario,
        ike_at=at[StepKind.IKE_UP],
        child_at=at[StepKind.CHILD_UP],
        bgp_up=transcript.bgp_established,
    )


def _climbed(run: NegotiationRun, take: Take, steps: tuple[Happening, ...]) -> Climb:
    """Where the steps lead. A state that comes back has not changed. A set-up ends in carrying or not."""
    begun = Standing.of(run).begun() if take.fresh else Standing.of(run)
    run.blocked = take.blocked
    done = climb(run, readable(begun), steps)
    told = list(steps)
    complete = take.cursor + len(steps) == len(take.transcript.steps)
    if steps and complete and carries_at(run, done.standing):
        told.append(Happening(steps[-1].at, LifeKind.CARRIES, Phase.CHILD))
    since = run.status_since if done.standing.status == run.status else done.since
    return replace(done, told=tuple(told), since=since)


def _stored(take: Take) -> dict[str, Any]:
    """The transcript is written once per attempt."""
    return {
        "attempt": take.attempt,
        "started_at": take.started_at,
        "transcript": encode(take.transcript),
        "life": encode(take.life),
        "blocked": take.blocked,
    }


def _after(run: NegotiationRun, take: Take, done: Climb, clock: Clock, now: datetime) -> dict[str, Any]:
    """When the row is due next: at its next step, after a failure, when an SA wants something, or never."""
    cursor = take.cursor + len(done.told)
    if cursor < len(take.transcript.steps):
        return {"due_at": clock.due(take.at(take.transcript.steps[cursor]), now)}
    if needs_retry(done.standing):
        failures = run.failures + 1
        failed_at = done.told[-1].at if clock.speed > 1 and done.told else clock.time(now)
        return {"failures": failures, "due_at": clock.due(failed_at + wait(failures, take.attempt), now)}
    moment = next_moment(take.life) if take.life else None
    return {"failures": 0, "due_at": clock.due(moment, now) if moment else None}
