"""A worker that has gone deaf ends itself, to be started anew; one that has nothing to do stays."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from processes import ROOT, environment

from vpnconsole.heartbeats import SILENT, Part
from vpnconsole.stalled import EXIT_STATUS, Idleness

URL = settings.CACHES["default"]["LOCATION"]
QUEUE = "vpnconsole:celery"
PATIENCE, FORGOTTEN = 1.0, 4.0
DEAF = f"""
from celery import signals
from vpnconsole import stalled
from vpnconsole.celery import app

stalled.PATIENCE, stalled.FORGOTTEN, stalled.EVERY = {PATIENCE}, {FORGOTTEN}, 0.1
signals.worker_ready.connect(lambda **_: print("ready", flush=True), weak=False)
app.worker_main(["--quiet", "worker", "--pool=threads", "--concurrency=1", "--queues=another"])
"""
"""Connected, and takes nothing of what is rung."""


@pytest.fixture
def broker() -> Iterator["redis.Redis"]:
    with closing(redis.Redis.from_url(URL)) as broker:
        broker.delete(QUEUE)
        yield broker
        broker.delete(QUEUE)


@pytest.fixture
def deaf(broker: "redis.Redis", tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    given = environment(VAR_DIR=str(tmp_path), REDIS_URL=URL)
    pipe = subprocess.PIPE
    worker = subprocess.Popen((sys.executable, "-c", DEAF), env=given, cwd=ROOT, stdout=pipe, text=True)
    with worker:
        assert worker.stdout is not None
        assert "ready\n" in iter(worker.stdout.readline, "")
        yield worker
        worker.kill()


def messages_pass(broker: "redis.Redis", seconds: float, until: Callable[[], bool]) -> None:
    """They come, and others take them."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not until():
        broker.lpush(QUEUE, f"at {time.monotonic()}")
        broker.ltrim(QUEUE, 0, 1)
        time.sleep(PATIENCE / 4)


def test_nothing_waits_and_it_stays(deaf: "subprocess.Popen[str]") -> None:
    time.sleep(3 * PATIENCE)
    assert deaf.poll() is None


def test_one_message_stays_and_it_ends(deaf: "subprocess.Popen[str]", broker: "redis.Redis") -> None:
    broker.lpush(QUEUE, "the first", "the second")
    assert deaf.wait(30) == EXIT_STATUS
    assert broker.llen(QUEUE) == 2


def test_others_take_the_messages_and_it_stays_for_a_while(
    deaf: "subprocess.Popen[str]", broker: "redis.Redis"
) -> None:
    cache.set(Part.BEAT.key, time.time(), 60)
    messages_pass(broker, 2 * PATIENCE, until=lambda: False)
    assert deaf.poll() is None
    messages_pass(broker, 30, until=lambda: deaf.poll() is not None)
    assert deaf.poll() == EXIT_STATUS


def test_nobody_rings_and_it_stays(deaf: "subprocess.Popen[str]") -> None:
    cache.set(Part.BEAT.key, time.time() - 2 * SILENT, 60)
    time.sleep(FORGOTTEN + PATIENCE)
    assert deaf.poll() is None


def test_what_counts_is_how_long_the_same_message_waits() -> None:
    idleness = Idleness()
    looks = [(None, 0.0), (b"a", 10.0), (b"a", 25.0), (b"b", 30.0), (b"b", 31.0), (None, 90.0), (b"b", 95.0)]
    waited = [idleness.look(first, now)[1] for first, now in looks]
    assert waited == [0, 0, 15, 0, 1, 0, 0]


def test_a_task_under_way_is_no_idleness_however_long_it_takes() -> None:
    idleness = Idleness()
    idleness.look(b"a", 0.0)
    idleness.task_begins()
    assert idleness.look(b"a", 500.0) == (0, 0)
    assert idleness.look(b"a", 900.0) == (0, 0)
    idleness.task_ends()
    assert idleness.look(b"a", 910.0) == (10, 10)


def test_a_task_between_two_looks_is_none_either() -> None:
    idleness = Idleness()
    idleness.look(b"a", 0.0)
    idleness.task_begins()
    idleness.task_ends()
    assert idleness.look(b"a", 20.0) == (0, 0)
    assert idleness.look(b"b", 25.0) == (5, 0)
