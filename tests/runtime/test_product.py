"""What `make run` starts: ready when it says so, whole again after any kill, gone when it ends."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import cast

import pytest
import redis
from django.urls import reverse
from processes import ROOT, alive, descendants, environment, eventually
from product import COMMANDS, SUPERVISOR, Console, start

from vpnconsole.runtime import valkey


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    running = start(tmp_path_factory.mktemp("console") / "var")
    yield running
    running.stop()


def refused(**variables: str) -> str:
    """What a start says that does not come about."""
    answer = subprocess.run(
        SUPERVISOR,
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    return answer.stderr


def sign_in(console: Console, password: str) -> bool:
    """Whether the user demo gets in."""
    with closing(http.client.HTTPConnection("127.0.0.1", console.port, timeout=30)) as connection:
        connection.request("GET", reverse("signin"))
        form = connection.getresponse()
        page = form.read().decode()
        cookie = (form.getheader("Set-Cookie") or "").split(";")[0]
        token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]
        fields = f"csrfmiddlewaretoken={token}&username=demo&password={password}"
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", reverse("signin"), fields, headers)
        return connection.getresponse().status == 302


def test_is_ready_and_alive_when_it_says_so(console: Console) -> None:
    assert (console.get("/readyz"), console.get("/livez")) == (200, 200)


def test_names_the_demo_sign_in_and_keeps_its_password_to_the_owner(console: Console) -> None:
    kept = console.var_dir / "demo-password"
    password = kept.read_text(encoding="utf-8").strip()
    assert f"Demo sign-in: user demo, password in {kept}" in console.said()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(password) >= 12
    assert password not in console.said()
    assert sign_in(console, password)
    assert not sign_in(console, password + "x")


def test_a_second_instance_is_refused_and_harms_nothing(console: Console) -> None:
    said = refused(VAR_DIR=str(console.var_dir), PORT="0")
    assert f"already runs in VAR_DIR={console.var_dir}" in said
    assert f"http://127.0.0.1:{console.port}" in said
    assert console.get("/readyz") == 200


def test_a_taken_port_is_refused(console: Console, tmp_path: Path) -> None:
    said = refused(VAR_DIR=str(tmp_path / "other"), PORT=str(console.port))
    assert f"Port {console.port} on 127.0.0.1 is taken" in said


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_killed_comes_back_and_work_goes_on(console: Console, name: str) -> None:
    killed = eventually(lambda: console.pids(name))
    for pid in killed:
        with suppress(ProcessLookupError):  # ended together with its leader
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: set(console.pids(name)) - set(killed), 40)
    eventually(console.ready, 40)
    again = time.time()
    eventually(lambda: console.worker_seen() > again, 40)


def test_a_web_process_that_is_killed_is_replaced_while_the_other_answers(console: Console) -> None:
    leader, *workers = eventually(lambda: (len(console.pids("web")) == 3 and console.pids("web")) or [])
    os.kill(workers[0], signal.SIGKILL)
    assert console.get("/livez") == 200
    eventually(lambda: len(set(console.pids("web")) - {workers[0]}) == 3)
    assert alive(leader)


def test_what_the_broker_holds_survives_its_end(console: Console) -> None:
    with redis.Redis.from_url(console.broker_url(), retry_on_timeout=True) as broker:
        broker.set("kept", "yes")
        (pid,) = eventually(lambda: console.pids("valkey"))
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: set(console.pids("valkey")) - {pid})

        def answer() -> bytes | None:
            with suppress(redis.ConnectionError):
                return cast("bytes | None", broker.get("kept"))
            return None

        assert eventually(answer) == b"yes"


def test_stopping_ends_everything_and_the_next_start_is_quick_and_finds_the_data(tmp_path: Path) -> None:
    var_dir = tmp_path / "var"
    first = start(var_dir, DEMO_PASSWORD="chosen-by-the-owner")
    everything = [first.supervisor, *descendants(first.supervisor)]
    asked = time.monotonic()
    first.stop()
    assert time.monotonic() - asked < 12
    assert not [pid for pid in everything if alive(pid)]

    begun = time.monotonic()
    second = start(var_dir, DEMO_PASSWORD="of-no-effect-later")
    took = time.monotonic() - begun
    signed_in = sign_in(second, "chosen-by-the-owner")
    second.stop()
    assert took < 15
    assert signed_in


def test_nothing_outlives_a_killed_supervisor_and_its_place_is_free_at_once(tmp_path: Path) -> None:
    killed = start(tmp_path / "var")
    running = list(descendants(killed.supervisor))
    with killed.process:
        killed.process.kill()
    again = start(tmp_path / "var", port=killed.port)
    left = [pid for pid in running if alive(pid)]
    again.stop()
    assert not left


@pytest.fixture
def broker_url(tmp_path: Path) -> Iterator[str]:
    """A broker that somebody else runs."""
    server = valkey.configure(tmp_path / "broker")
    with subprocess.Popen(server.program({}).command) as process:
        eventually(server.answers)
        yield server.url
        process.terminate()


def test_make_run_takes_a_given_broker_and_passes_the_end_on(tmp_path: Path, broker_url: str) -> None:
    make = ("make", "run", f"VENV={sys.prefix}")
    console = start(tmp_path / "var", make, REDIS_URL=broker_url)
    running = [console.supervisor, *descendants(console.supervisor)]
    own_brokers = console.pids("valkey")
    ready = console.ready()
    with console.process:
        console.process.kill()  # make itself, which can't say goodbye
    eventually(lambda: not any(alive(pid) for pid in running), 12)
    assert console.supervisor != console.process.pid
    assert ready
    assert not own_brokers
