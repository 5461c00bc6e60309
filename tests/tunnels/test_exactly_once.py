"""Tasks come twice, late, all at once, or die half-way; the story is told once and in order all the same."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection as database
from tunnel_rows import START, Watch, attempt_of, ring, run_of, set_device, started, stop_clock, story

from accounts.actor import Actor
from ipsec.negotiation import negotiate
from tunnels import tasks, writing
from tunnels.models import NegotiationRun, Status, Tunnel, TunnelEvent
from tunnels.playing import LEASE, claim_due, play, play_all
from tunnels.scenario import scenario_of
from tunnels.services import start_negotiation

pytestmark = pytest.mark.database

WHOLE_STORY = [
    ("started", "created"),
    ("message", "IKE_SA_INIT request"),
    ("message", "IKE_SA_INIT response"),
    ("message", "IKE_AUTH request"),
    ("message", "IKE_AUTH response"),
    ("ike_up", ""),
    ("child_up", ""),
    ("carries", ""),
]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """Do all of it in threads that begin together, each with a database connection of its own."""
    barrier, results = threading.Barrier(len(work)), []

    def run(task: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            results.append(task())
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=(task,)) for task in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == len(work)
    return results


@pytest.mark.django_db
def test_a_claimed_run_is_nobody_elses(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana)
    assert [run.tunnel_id for run in claim_due(watch.time, 10)] == [tunnel.pk]
    assert claim_due(watch.time, 10) == []


@pytest.mark.django_db
def test_claims_come_in_batches_and_the_longest_due_first(ana: Actor, watch: Watch) -> None:
    tunnels = [started(ana) for _ in range(3)]
    first, second, third = (run_of(tunnel) for tunnel in tunnels)
    for run, seconds in ((first, 2), (second, 9), (third, 5)):
        NegotiationRun.objects.filter(pk=run.pk).update(due_at=START - timedelta(seconds=seconds))
    assert [run.pk for run in claim_due(watch.time, 2)] == [second.pk, third.pk]
    assert [run.pk for run in claim_due(watch.time, 2)] == [first.pk]


@pytest.mark.django_db
def test_a_worker_that_dies_after_the_claim_loses_nothing(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, bgp_enabled=False)
    assert len(claim_due(watch.time, 10)) == 1  # and then the worker is killed
    assert claim_due(watch.pass_by(LEASE.total_seconds() - 1), 10) == []
    ring(watch, 2)
    ring(watch, 1)
    assert story(tunnel) == WHOLE_STORY


@pytest.mark.django_db
def test_a_worker_that_dies_while_writing_writes_nothing(
    ana: Actor, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    tunnel = started(ana, bgp_enabled=False)
    before = run_of(tunnel)

    def killed(*_args: object, **_kwargs: object) -> None:
        raise SystemExit("killed between the update and the events")

    with monkeypatch.context() as patched:
        patched.setattr(writing, "_insert", killed)
        with pytest.raises(SystemExit):
            ring(watch)
    after = run_of(tunnel)
    assert (after.cursor, after.version, after.transcript) == (before.cursor, before.version, None)
    ring(watch, LEASE.total_seconds() + 1)
    ring(watch, 1)
    assert story(tunnel) == WHOLE_STORY


@pytest.mark.django_db
def test_the_same_delivery_twice_changes_nothing(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, bgp_enabled=False)
    [run] = claim_due(watch.time, 10)
    assert play(run, watch.time)
    assert not play(run, watch.time)
    later = watch.pass_by(5)
    [again] = claim_due(later, 10)
    assert play(again, later)
    assert not play(again, later)
    assert not play(run, later)
    assert story(tunnel) == WHOLE_STORY


@pytest.mark.django_db
def test_a_late_worker_cannot_write_over_a_newer_attempt(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, bgp_enabled=False)
    [late] = claim_due(watch.time, 10)
    watch.pass_by(1)
    set_device(tunnel, configured=False)
    start_negotiation(tunnel=tunnel, because="changed")
    newer = run_of(tunnel)
    assert not play(late, watch.pass_by(60))
    assert run_of(tunnel).attempt == newer.attempt
    assert story(tunnel) == [("started", "created"), ("started", "changed")]
    ring(watch)
    ring(watch, 1)
    assert run_of(tunnel).status == Status.IKE_DOWN


@pytest.mark.django_db
def test_a_new_attempt_is_played_although_the_old_one_is_claimed(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana)
    assert len(claim_due(watch.time, 10)) == 1
    start_negotiation(tunnel=tunnel, because="changed")
    assert len(claim_due(watch.time, 10)) == 1


@pytest.mark.django_db
def test_a_tunnel_that_cannot_be_played_does_not_stop_the_others(
    ana: Actor, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = started(ana), started(ana)
    NegotiationRun.objects.filter(tunnel=broken).update(transcript={"steps": "nonsense"}, started_at=START)
    ring(watch)
    ring(watch, 1)
    assert run_of(sound).status == Status.CHILD_UP
    assert "cannot be played" in caplog.text


@pytest.mark.django_db
def test_a_row_that_the_database_refuses_does_not_stop_the_others(
    ana: Actor, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = started(ana), started(ana)
    attempt = attempt_of(broken)
    # A step of this attempt is there already: the constraint refuses the second one.
    TunnelEvent.objects.create(tunnel=broken, attempt=attempt, position=1, at=START, kind="message")
    ring(watch)
    ring(watch, 1)
    assert run_of(sound).status == Status.CHILD_UP
    assert run_of(broken).cursor == 0
    assert "cannot be written" in caplog.text


@pytest.mark.django_db
def test_the_seed_of_an_attempt_always_tells_the_same_story(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, device={"loss_percent": 40})
    attempt = uuid4()
    assert negotiate(scenario_of(tunnel, attempt)) == negotiate(scenario_of(tunnel, attempt))


@pytest.mark.django_db(transaction=True)
def test_workers_that_race_for_the_same_rows_share_them(ana: Actor, watch: Watch) -> None:
    tunnels = [started(ana, bgp_enabled=False) for _ in range(6)]
    claims = at_once(*[lambda: [run.pk for run in claim_due(watch.time, 50)]] * 4)
    claimed = [key for claim in claims for key in claim]
    assert sorted(claimed) == sorted(run_of(tunnel).pk for tunnel in tunnels)


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_run_tell_each_step_once(ana: Actor, watch: Watch) -> None:
    """A lease that ran out while its worker was only slow: both play, one of them writes."""
    tunnel = started(ana, bgp_enabled=False)
    for seconds in (0, 1):
        now = watch.pass_by(seconds)
        copies = [run_of(tunnel) for _ in range(3)]
        assert sorted(at_once(*[lambda run=run, now=now: play(run, now) for run in copies])) == [0, 0, 1]
    assert story(tunnel) == WHOLE_STORY


@pytest.mark.django_db(transaction=True)
def test_rings_that_come_all_at_once_end_in_the_same_state(ana: Actor, watch: Watch) -> None:
    tunnels = [started(ana, bgp_enabled=False) for _ in range(4)]
    for seconds in (0, 0.03, 2):
        watch.pass_by(seconds)
        at_once(*[tasks.tick] * 4)
    for tunnel in tunnels:
        assert story(tunnel) == WHOLE_STORY
        assert run_of(tunnel).status == Status.CHILD_UP


@pytest.mark.django_db(transaction=True)
def test_a_change_that_races_with_a_worker_wins(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, bgp_enabled=False)
    stale = run_of(tunnel)

    def change() -> None:
        start_negotiation(tunnel=Tunnel.objects.get(pk=tunnel.pk), because="changed")

    at_once(change, lambda: play_all([stale], watch.time))
    newest = run_of(tunnel)
    assert newest.attempt != stale.attempt
    assert (newest.cursor, newest.transcript, newest.due_at) == (0, None, watch.time)
    ring(watch)
    ring(watch, 2)
    told = TunnelEvent.objects.filter(tunnel=tunnel, attempt=attempt_of(tunnel)).order_by("position")
    assert [(event.kind, event.message) for event in told][1:] == WHOLE_STORY[1:]
