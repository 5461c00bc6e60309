"""The bell: rung when something was saved, missed by nobody when it is not."""

from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from tunnel_rows import Watch, run_of, started, stop_clock, tunnel_of

from accounts.actor import Actor
from tunnels import tasks
from tunnels.bell import QUIET, Bell
from tunnels.models import Status
from tunnels.services import start_negotiation
from vpnconsole.celery import app

pytestmark = pytest.mark.database


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was sent to the broker."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.tick, "apply_async", lambda **options: sent.append(options))
    return sent


def test_beat_rings_the_task_that_is_there() -> None:
    app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks


@pytest.mark.django_db(transaction=True)
def test_it_rings_once_the_change_is_saved_and_not_before(
    ana: Actor, watch: Watch, rings: list[dict[str, Any]]
) -> None:
    tunnel = tunnel_of(ana)
    with transaction.atomic():
        start_negotiation(tunnel=tunnel, because="created")
        assert rings == []
    assert len(rings) == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_taken_back_rings_nothing(
    ana: Actor, watch: Watch, rings: list[dict[str, Any]]
) -> None:
    tunnel = tunnel_of(ana)
    with transaction.atomic():
        start_negotiation(tunnel=tunnel, because="created")
        transaction.set_rollback(True)
    assert rings == []


@pytest.mark.django_db(transaction=True)
def test_with_the_broker_away_the_next_ring_makes_up_for_it(
    ana: Actor, watch: Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(**_options: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.tick, "apply_async", away)
    tunnel = started(ana)
    assert "the broker is away" in caplog.text
    for seconds in (0, 1):
        watch.pass_by(seconds)
        tasks.tick()
    assert run_of(tunnel).status == Status.CHILD_UP


@pytest.mark.django_db
def test_one_ring_plays_more_than_a_batch(ana: Actor, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "BATCH", 2)
    tunnels = [started(ana) for _ in range(5)]
    assert tasks.tick() == 5
    watch.pass_by(1)
    assert tasks.tick() == 5
    assert {run_of(tunnel).status for tunnel in tunnels} == {Status.CHILD_UP}
    assert tasks.tick() == 0


class Task:
    """A task of a broker that is away."""

    name = "a.task"

    def __init__(self) -> None:
        self.tried = 0

    def apply_async(self, **_options: Any) -> None:
        self.tried += 1
        raise OperationalError("connection refused")


def test_who_writes_waits_once_for_a_broker_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("tunnels.bell.time.monotonic", lambda: now)
    bell, task = Bell(), Task()
    for _write in range(5):
        bell.ring(task)
    assert task.tried == 1
    now += QUIET
    bell.ring(task)
    assert task.tried == 2
    bell.wake()
    bell.ring(task)
    assert task.tried == 3
