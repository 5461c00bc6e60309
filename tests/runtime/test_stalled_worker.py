"""A worker that has gone deaf ends itself, to be started anew; one that has nothing to do stays."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis
from django.conf import settings
from processes import ROOT, environment

from vpnconsole.stalled import EXIT_STATUS, Idleness

URL = settings.CACHES["default"]["LOCATION"]
QUEUE = "vpnconsole:celery"
PATIENCE = 1.0
DEAF = f"""
from celery import signals
from vpnconsole import stalled
from vpnconsole.celery import app

stalled.PATIENCE, stalled.EVERY = {PATIENCE}, 0.1
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


def test_nothing_waits_and_it_stays(deaf: "subprocess.Popen[str]") -> None:
    time.sleep(3 * PATIENCE)
    assert deaf.poll() is None


def test_one_message_stays_and_it_ends(deaf: "subprocess.Popen[str]", broker: "redis.Redis") -> None:
    broker.lpush(QUEUE, "the first", "the second")
    assert deaf.wait(30) == EXIT_STATUS
    assert broker.llen(QUEUE) == 2


def test_others_take_the_messages_and_it_stays(deaf: "subprocess.Popen[str]", broker: "redis.Redis") -> None:
    deadline = time.monotonic() + 3 * PATIENCE
    while time.monotonic() < deadline:
        broker.lpush(QUEUE, f"at {time.monotonic()}")
        broker.ltrim(QUEUE, 0, 1)
        time.sleep(PATIENCE / 4)
    assert deaf.poll() is None


def test_what_counts_is_how_long_the_same_message_waits() -> None:
    idleness = Idleness()
    looks = [(None, 0.0), (b"a", 10.0), (b"a", 25.0), (b"b", 30.0), (b"b", 31.0), (None, 90.0), (b"b", 95.0)]
    assert [idleness.seconds(first, now) for first, now in looks] == [0, 0, 15, 0, 1, 0, 0]


def test_a_task_under_way_is_no_idleness_however_long_it_takes() -> None:
    idleness = Idleness()
    idleness.seconds(b"a", 0.0)
    idleness.task_begins()
    assert idleness.seconds(b"a", 500.0) == 0
    idleness.task_ends()
    assert idleness.seconds(b"a", 501.0) == 0
    assert idleness.seconds(b"a", 511.0) == 10


def test_a_task_between_two_looks_is_none_either() -> None:
    idleness = Idleness()
    idleness.seconds(b"a", 0.0)
    idleness.task_begins()
    idleness.task_ends()
    assert idleness.seconds(b"a", 20.0) == 0
