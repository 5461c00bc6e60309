"""The bell: rung when something was saved, missed by nobody when it is not."""

import os
import threading
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from tunnel_rows import Watch, run_of, started, stop_clock, tunnel_of

from accounts.actor import Actor
from tunnels import tasks
from tunnels.bell import BELL, QUIET, Bell
from tunnels.models import Status
from tunnels.services import start_negotiation
from vpnconsole import logs
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
        BELL.hear()
        assert rings == []
    BELL.hear()
    assert len(rings) == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_taken_back_rings_nothing(
    ana: Actor, watch: Watch, rings: list[dict[str, Any]]
) -> None:
    tunnel = tunnel_of(ana)
    with transaction.atomic():
        start_negotiation(tunnel=tunnel, because="created")
        transaction.set_rollback(True)
    BELL.hear()
    assert rings == []


@pytest.mark.django_db(transaction=True)
def test_with_the_broker_away_the_next_ring_makes_up_for_it(
    ana: Actor, watch: Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(**_options: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.tick, "apply_async", away)
    tunnel = started(ana)
    BELL.hear()
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
    """What it is rung for goes to a broker that takes its time, and may be away."""

    name = "a.task"

    def __init__(self, *, away: bool = False) -> None:
        self.away = away
        self.open = threading.Event()
        self.sent_from: list[str] = []

    def apply_async(self, **_options: Any) -> None:
        self.open.wait(30)
        self.sent_from.append(logs.current().request_id)
        if self.away:
            raise OperationalError("connection refused")


@pytest.fixture
def bell() -> Bell:
    return Bell()


def test_who_writes_waits_for_no_broker(bell: Bell) -> None:
    task = Task()
    for _write in range(3):
        bell.ring(task)
    assert task.sent_from == []
    task.open.set()
    bell.hear()
    assert len(task.sent_from) == 3


def test_the_task_knows_which_request_it_was_sent_from(bell: Bell) -> None:
    task = Task()
    for request_id in ("first", "second"):
        with logs.scope(logs.Scope(request_id=request_id)):
            bell.ring(task)
    task.open.set()
    bell.hear()
    assert task.sent_from == ["first", "second"]


def test_a_broker_that_is_away_is_tried_once_in_a_while(bell: Bell, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("tunnels.bell.time.monotonic", lambda: now)
    task = Task(away=True)
    task.open.set()

    def tried_after_a_ring() -> int:
        bell.ring(task)
        bell.hear()
        return len(task.sent_from)

    assert [tried_after_a_ring() for _write in range(5)] == [1] * 5
    now += QUIET
    assert tried_after_a_ring() == 2
    bell.wake()
    assert tried_after_a_ring() == 3


def test_a_ring_that_fails_otherwise_is_not_the_last(bell: Bell, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Task):
        def apply_async(self, **_options: Any) -> None:
            raise ValueError("no such option")

    sound = Task()
    sound.open.set()
    bell.ring(Broken())
    bell.ring(sound)
    bell.hear()
    assert len(sound.sent_from) == 1
    assert "a ring is lost: a.task" in caplog.text


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_process_that_was_forked_rings_by_itself(bell: Bell) -> None:
    """The web server's processes are: a thread stays behind then."""
    task = Task()
    task.open.set()
    bell.ring(task)
    bell.hear()
    child = os.fork()
    if not child:
        bell.ring(task)
        bell.hear()
        os._exit(len(task.sent_from))
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 2
