"""A worker is killed at each step of a story, in each of the ways it can be; the story is told all the same.

The undisturbed story is played first, with a ring at every moment at which something is due. Then once more
for each of its rings, with the disturbance there: what the tunnel comes to and every event of the attempt, in
order and with the time between them, must be the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from kombu.exceptions import OperationalError
from tunnel_rows import START, Watch, ring, run_of, started, stop_clock

from accounts.actor import Actor
from tunnels import tasks, writing
from tunnels.models import NegotiationRun, Tunnel, TunnelEvent
from tunnels.playing import LEASE, claim_due, play, play_all

pytestmark = pytest.mark.django_db

ATTEMPT = UUID("00000000-0000-4000-8000-00000000002a")


@dataclass(frozen=True)
class Story:
    """What a tunnel is set up to come to, and how long it is followed."""

    device: dict[str, Any] = field(default_factory=dict)
    tunnel: dict[str, Any] = field(default_factory=dict)
    seconds: float = 20


STORIES = {
    "up, with BGP": Story(),
    "wrong key under IKEv1: silence": Story({"psk": "another"}, {"ike_version": "ikev1"}, 170),
    "phase 2 refused": Story({"child_proposals": [["des", "md5", "disabled"]]}),
    "another PFS group: up, then down": Story(
        {"child_proposals": [["aes", "sha1", "group5"]]}, {"tunnel_cidr": None}, 700
    ),
    "rekeyed": Story(seconds=700),
}
ON_BOTH = ("up, with BGP", "phase 2 refused")
"""Played on PostgreSQL too."""
SHORT = {"child_lifetime": 600, "ike_lifetime": 1000}

Disturbance = Callable[[Watch, Tunnel, pytest.MonkeyPatch], None]


def killed_after_the_claim(watch: Watch, _tunnel: Tunnel, _patch: pytest.MonkeyPatch) -> None:
    assert claim_due(watch.time, 50)
    watch.pass_by(LEASE.total_seconds() + 1)


def killed_between_state_and_events(watch: Watch, _tunnel: Tunnel, patch: pytest.MonkeyPatch) -> None:
    def killed(_events: object) -> None:
        raise SystemExit

    with patch.context() as patched:
        patched.setattr(writing, "_insert", killed)
        with pytest.raises(SystemExit):
            ring(watch)
    watch.pass_by(LEASE.total_seconds() + 1)


def delivered_twice(watch: Watch, _tunnel: Tunnel, _patch: pytest.MonkeyPatch) -> None:
    """Killed after the commit, before the task was acknowledged: it comes again, with what it had read."""
    read = claim_due(watch.time, 50)
    assert play_all(read, watch.time) == len(read)
    assert play_all(read, watch.time) == 0


def raced_by_another(watch: Watch, tunnel: Tunnel, _patch: pytest.MonkeyPatch) -> None:
    """The lease has run out while its worker was only slow: both have read the same row."""
    [slow] = claim_due(watch.time, 50)
    watch.pass_by(LEASE.total_seconds() + 1)
    [quick] = claim_due(watch.time, 50)
    assert play(quick, watch.time)
    assert not play(slow, watch.time)
    assert run_of(tunnel).version == quick.version + 1


def rung_without_a_broker(watch: Watch, _tunnel: Tunnel, patch: pytest.MonkeyPatch) -> None:
    """Redis restarts: the rings of a while are lost. A clock that jumps ahead looks no different."""

    def away(*_args: object, **_kwargs: object) -> None:
        raise OperationalError

    with patch.context() as patched:
        patched.setattr(tasks.tick, "apply_async", away)
        tasks.ring()
    watch.pass_by(20)


def clock_put_back(watch: Watch, _tunnel: Tunnel, _patch: pytest.MonkeyPatch) -> None:
    watch.pass_by(-3600)
    assert ring(watch) == 0


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


@dataclass
class Told:
    """What has come of a story: the events of its attempt by position and time, and the state."""

    rings: int
    events: list[tuple[int, timedelta, str, str, str]]
    end: tuple[object, ...]


def played(
    actor: Actor,
    story: Story,
    watch: Watch,
    patch: pytest.MonkeyPatch,
    *,
    disturbance: Disturbance | None = None,
    at: int = -1,
) -> Told:
    watch.time = START
    patch.setattr("tunnels.beginning.uuid4", lambda: ATTEMPT)
    tunnel = started(actor, device=story.device)
    Tunnel.objects.filter(pk=tunnel.pk).update(**{**SHORT, **story.tunnel})
    rings = 0
    while (run := run_of(tunnel)).attempt == ATTEMPT and not _over(run, story):
        assert run.due_at is not None
        watch.time = max(watch.time, run.due_at)
        if rings == at and disturbance:
            disturbance(watch, tunnel, patch)
        ring(watch)
        rings += 1
        assert rings < 200
    return Told(rings, _events(tunnel), _end(run_of(tunnel)))


def _over(run: NegotiationRun, story: Story) -> bool:
    """Nothing is left of the attempt, or it has been followed for long enough, counted from its beginning."""
    if run.due_at is None or (run.failures and not run.negotiating):
        return True
    return run.started_at is not None and run.due_at > run.started_at + timedelta(seconds=story.seconds)


def _events(tunnel: Tunnel) -> list[tuple[int, timedelta, str, str, str]]:
    told = [*TunnelEvent.objects.filter(tunnel=tunnel, attempt=ATTEMPT).order_by("pk")]
    assert [event.position for event in told] == [*range(len(told))]
    assert [event.at for event in told[1:]] == sorted(event.at for event in told[1:])
    begun = told[1].at
    return [(e.position, e.at - begun, e.kind, e.message, e.cause) for e in told[1:]]


def _end(run: NegotiationRun) -> tuple[object, ...]:
    return (run.status, run.bgp_status, run.cause, run.negotiating, run.cursor, run.carries, run.blocked)


@pytest.mark.parametrize(
    "disturbance",
    [
        killed_after_the_claim,
        killed_between_state_and_events,
        delivered_twice,
        raced_by_another,
        rung_without_a_broker,
        clock_put_back,
    ],
)
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.database] if name in ON_BOTH else []) for name in STORIES],
)
def test_the_story_is_the_same_wherever_it_is_disturbed(
    name: str, disturbance: Disturbance, ana: Actor, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = STORIES[name]
    undisturbed = played(ana, story, watch, monkeypatch)
    assert undisturbed.rings > 2
    for number in range(undisturbed.rings):
        told = played(ana, story, watch, monkeypatch, disturbance=disturbance, at=number)
        assert told.events == undisturbed.events, number
        assert told.end == undisturbed.end, number
