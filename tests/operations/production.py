"""A production of this run's own: PostgreSQL, Redis, keys, and processes started by the files of deploy/."""

import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from cryptography.fernet import Fernet
from processes import ROOT, eventually
from psycopg.sql import SQL, Identifier

SYSTEMD = ROOT / "deploy" / "systemd"
HOST = "console.example"
REDIS_NUMBER = 13
"""A numbered database that no other test of the suite uses."""


def _services() -> Any:
    """What `make test-postgres` finds or starts its servers with."""
    spec = importlib.util.spec_from_file_location("with_services", ROOT / "bin" / "with_services.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def servers() -> Iterator[tuple[str, str]]:
    """Addresses of a PostgreSQL server (its `postgres` database) and of a Redis, emptied."""
    with ExitStack() as started:
        found = _services().servers(started)
        database = urlunsplit(urlsplit(found["DATABASE_URL"])._replace(path="/postgres"))
        broker = urlunsplit(urlsplit(found["REDIS_URL"])._replace(path=f"/{REDIS_NUMBER}"))
        with redis.Redis.from_url(broker) as store:
            store.flushdb()
            yield database, broker
            store.flushdb()


@contextmanager
def database_on(server: str, name: str) -> Iterator[str]:
    """An empty database of this run's own, gone afterwards."""
    own = f"vpnconsole_{name}_{os.getpid()}"
    _run_sql(server, SQL("CREATE DATABASE {}").format(Identifier(own)).as_string())
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{own}"))
    finally:
        _run_sql(server, SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(own)).as_string())


@contextmanager
def without_rights(server: str, name: str, *, prepared: str) -> Iterator[str]:
    """An empty database whose user may make tables and no extension; an administrator ran `prepared`."""
    user = f"vpnconsole_{name}_{os.getpid()}_user"
    _run_sql(server, SQL("CREATE ROLE {} LOGIN PASSWORD 'plain'").format(Identifier(user)).as_string())
    try:
        with database_on(server, name) as database:
            _run_sql(database, SQL("GRANT ALL ON SCHEMA public TO {}").format(Identifier(user)).as_string())
            _run_sql(database, prepared)
            parts = urlsplit(database)
            yield urlunsplit(parts._replace(netloc=f"{user}:plain@{parts.hostname}:{parts.port}"))
    finally:
        _run_sql(server, SQL("DROP ROLE {}").format(Identifier(user)).as_string())


def _run_sql(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as wire:
        wire.execute(statement.encode())


def environment(var_dir: Path, database: str, broker: str, **more: str) -> dict[str, str]:
    """`deploy/environment.example` with this run's own values; nothing of the run's own environment."""
    example = (ROOT / "deploy" / "environment.example").read_text(encoding="utf-8")
    given = dict(line.split("=", 1) for line in example.splitlines() if line and not line.startswith("#"))
    keys = var_dir.parent
    (keys / "secret-key").write_text("a1-b2_c3" * 8, encoding="utf-8")
    if not (keys / "field-keys").exists():
        (keys / "field-keys").write_text(Fernet.generate_key().decode(), encoding="utf-8")
    own = {
        "VAR_DIR": str(var_dir),
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "SECRET_KEY_FILE": str(keys / "secret-key"),
        "FIELD_KEYS_FILE": str(keys / "field-keys"),
    }
    python = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "DJANGO_SETTINGS_MODULE": "vpnconsole.settings"}
    return python | given | own | more


def command_of(unit: str, var_dir: Path) -> list[str]:
    """A unit's ExecStart, with this run's Python, code and directory in the place of the documented ones."""
    text = (SYSTEMD / f"vpnconsole-{unit}.service").read_text(encoding="utf-8")
    [found] = re.findall(r"^ExecStart=(.+)$", text, re.M)
    found = found.replace("/opt/vpnconsole/.venv/bin/python", sys.executable)
    return str(found).replace("/var/lib/vpnconsole", str(var_dir)).replace("%H", f"run{os.getpid()}").split()


def run(
    variables: Mapping[str, str], *command: str, ok: bool = True, typed: str = ""
) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        command, cwd=ROOT, env=variables, input=typed, capture_output=True, text=True, check=False
    )
    assert not ok or done.returncode == 0, done.stdout + done.stderr
    return done


def manage(
    variables: Mapping[str, str], *arguments: str, ok: bool = True, typed: str = ""
) -> "subprocess.CompletedProcess[str]":
    return run(variables, sys.executable, "manage.py", *arguments, ok=ok, typed=typed)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


def ask(port: int, path: str, **headers: str) -> Answer:
    """A request as it comes from a proxy on this machine, unless `headers` say otherwise."""
    wire = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        wire.request("GET", path, headers={"Host": HOST, **headers})
        got = wire.getresponse()
        return Answer(got.status, dict(got.getheaders()), got.read().decode())
    finally:
        wire.close()


@contextmanager
def running(variables: Mapping[str, str], var_dir: Path, units: tuple[str, ...]) -> Iterator[dict[str, Path]]:
    """The units' processes, ended afterwards; the file of each one's output."""
    outputs = {unit: var_dir.parent / f"{unit}.output" for unit in units}
    with ExitStack() as ends:
        for unit in units:
            output = ends.enter_context(outputs[unit].open("wb"))
            process = subprocess.Popen(
                command_of(unit, var_dir), cwd=ROOT, env=variables, stdout=output, stderr=subprocess.STDOUT
            )
            ends.callback(_end, process)
        yield outputs


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(30)


def is_ready(port: int) -> bool:
    try:
        return ask(port, "/readyz").status == 200
    except OSError:
        time.sleep(0.2)
        return False


def wait_until_ready(port: int, output: Path) -> None:
    try:
        eventually(lambda: is_ready(port), 60)
    except AssertionError as error:
        error.add_note(output.read_text(encoding="utf-8")[-3000:])
        raise
