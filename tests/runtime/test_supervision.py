"""The supervisor keeps its children running, and ends them when it ends, however it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from processes import alive, environment, eventually

STUB = Path(__file__).with_name("stub_supervisor.py")
STEADY = "echo $$ >> {log}; exec sleep 600"
Supervise = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def supervise() -> Iterator[Supervise]:
    """Starts supervisors, and ends those that a test leaves running."""
    started = []

    def start(
        *programs: tuple[str, int, str], grace: float = 5, kernel: bool = True
    ) -> subprocess.Popen[str]:
        plan = json.dumps({"programs": programs, "grace": grace, "kernel": kernel})
        command = (sys.executable, str(STUB), plan)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.terminate()


def lines(log: Path, at_least: int = 0) -> list[str]:
    """The lines written so far; none while there are fewer than `at_least`."""
    found = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return found if len(found) >= at_least else []


def pids(log: Path, at_least: int = 0) -> list[int]:
    return [int(line) for line in lines(log, at_least)]


def test_a_child_that_dies_is_started_again(supervise: Supervise, tmp_path: Path) -> None:
    log = tmp_path / "log"
    supervise(("web", 0, STEADY.format(log=log)))
    first = eventually(lambda: pids(log))[0]
    os.kill(first, signal.SIGKILL)
    second = eventually(lambda: pids(log)[1:])[0]
    assert alive(second)
    assert not alive(first)


def test_a_child_that_keeps_dying_is_started_less_and_less_often(
    supervise: Supervise, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    supervise(("web", 0, f"date +%s.%N >> {log}; exit 3"))
    times = [float(line) for line in eventually(lambda: lines(log, 3))]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert 0.4 < gaps[0] < gaps[1]
    assert gaps[1] > 0.9


def test_says_which_child_died_of_what(supervise: Supervise, tmp_path: Path) -> None:
    process = supervise(("worker", 0, "echo out of ideas >&2; exit 3"))
    assert process.stdout is not None
    said = process.stdout.readline() + process.stdout.readline()
    assert "worker | out of ideas" in said
    assert "worker ended with exit status 3; starting it again in 0.5 s." in said


def test_what_a_dead_child_leaves_behind_is_ended(supervise: Supervise, tmp_path: Path) -> None:
    log = tmp_path / "log"
    supervise(("web", 0, f"sleep 600 & echo $! >> {log}; echo $$ >> {log}; wait"))
    left, leader = eventually(lambda: pids(log, 2))[:2]
    os.kill(leader, signal.SIGKILL)
    eventually(lambda: not alive(left))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_stops_every_child_when_asked(supervise: Supervise, tmp_path: Path, number: signal.Signals) -> None:
    log = tmp_path / "log"
    process = supervise(*[(name, 0, STEADY.format(log=log)) for name in ("web", "worker")])
    running = eventually(lambda: pids(log, 2))
    process.send_signal(number)
    assert process.wait(timeout=10) == 0
    assert [alive(pid) for pid in running] == [False, False]


def test_the_broker_stops_after_its_users(supervise: Supervise, tmp_path: Path) -> None:
    log = tmp_path / "log"
    at_the_end = "trap 'sleep {pause}; echo {name} >> {log}; exit' TERM; "
    script = at_the_end + "echo up >> {log}; while :; do sleep 0.05; done"
    process = supervise(
        ("valkey", 1, script.format(name="valkey", pause=0, log=log)),
        ("worker", 0, script.format(name="worker", pause=0.5, log=log)),
    )
    eventually(lambda: lines(log) == ["up", "up"])
    process.terminate()
    process.wait(timeout=10)
    assert lines(log) == ["up", "up", "worker", "valkey"]


def test_a_child_that_will_not_end_is_killed_when_its_grace_is_over(
    supervise: Supervise, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    stubborn = f"trap '' TERM; echo $$ >> {log}; while :; do sleep 0.05; done"
    process = supervise(("web", 0, stubborn), grace=0.5)
    (pid,) = eventually(lambda: pids(log))
    process.terminate()
    assert process.wait(timeout=5) == 0
    assert not alive(pid)


@pytest.mark.parametrize("kernel", [True, False], ids=["held by the kernel", "watched through a pipe"])
def test_children_end_with_a_supervisor_that_is_killed(
    supervise: Supervise, tmp_path: Path, kernel: bool
) -> None:
    log = tmp_path / "log"
    process = supervise(*[(name, 0, STEADY.format(log=log)) for name in ("web", "worker")], kernel=kernel)
    running = eventually(lambda: pids(log, 2))
    process.kill()
    eventually(lambda: not any(alive(pid) for pid in running))


def test_output_that_nobody_reads_holds_up_neither_child_nor_end(
    supervise: Supervise, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    process = supervise(("web", 0, f"yes noise | head -n 200000; {STEADY.format(log=log)}"))
    (pid,) = eventually(lambda: pids(log), 30)
    time.sleep(0.2)
    process.terminate()
    assert process.wait(timeout=10) == 0
    assert not alive(pid)
