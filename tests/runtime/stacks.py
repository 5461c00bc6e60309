"""The console on what it can stand on, each part of which can be killed and started again."""

import importlib.util
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from processes import ROOT, environment, eventually
from product import Console, start

PASSWORD = "demo password of a test"
Rows = list[tuple[Any, ...]]


def services() -> Any:
    """What `make test-postgres` starts its servers with."""
    spec = importlib.util.spec_from_file_location("with_services", ROOT / "bin" / "with_services.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Server:
    """A server of this run's own."""

    command: tuple[str, ...]
    answers: Callable[[], bool]
    owner: str | None = None
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            self.command, stdin=quiet, stdout=quiet, stderr=quiet, user=self.owner, cwd="/"
        )
        eventually(self.answers, 60)

    def end(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(60)


@dataclass
class Stack:
    """A console, and blows to its parts by name. Whatever is hit is up again afterwards or soon."""

    console: Console
    variables: dict[str, str]
    ask: Callable[[str], Rows]
    blows: dict[str, Callable[[], None]] = field(default_factory=dict)

    def run(self, *command: str) -> str:
        """A command in the console's environment: what it says."""
        given = environment(VAR_DIR=str(self.console.var_dir), **self.variables)
        done = subprocess.run(
            (sys.executable, *command), cwd=ROOT, env=given, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def kill(self, name: str) -> Callable[[], None]:
        def blow() -> None:
            for pid in self.console.pids(name):
                os.kill(pid, signal.SIGKILL)

        return blow


@contextmanager
def embedded(var_dir: Path) -> Iterator[Stack]:
    """What `make run` gives: SQLite and the embedded Valkey."""
    console = start(var_dir, DEMO_PASSWORD=PASSWORD)

    def ask(sql: str) -> Rows:
        with closing(sqlite3.connect(var_dir / "vpnconsole.sqlite3", timeout=20)) as database:
            return database.execute(sql).fetchall()

    stack = Stack(console, {}, ask)
    stack.blows = {name: stack.kill(name) for name in ("worker", "beat", "web", "valkey")}
    try:
        yield stack
    finally:
        console.stop()


@contextmanager
def servers(var_dir: Path) -> Iterator[Stack]:
    """PostgreSQL, and a Redis that forgets everything when it is killed."""
    module = services()
    with ExitStack() as ends:
        postgres, database = _postgres(module, ends)
        redis, broker = _redis(module, ends)
        variables = {"DATABASE_URL": database, "REDIS_URL": broker}
        console = start(var_dir, DEMO_PASSWORD=PASSWORD, DATABASE_URL=database, REDIS_URL=broker)
        ends.callback(console.stop)

        def ask(sql: str) -> Rows:
            with psycopg.connect(database) as wire:
                return wire.execute(sql.encode()).fetchall()

        stack = Stack(console, variables, ask)
        stack.blows = {name: stack.kill(name) for name in ("worker", "beat", "web")}
        stack.blows["redis"] = _struck(redis, signal.SIGKILL)
        stack.blows["postgres, restarted"] = _struck(postgres, signal.SIGINT)
        stack.blows["postgres, crashed"] = _struck(postgres, signal.SIGQUIT)
        yield stack


def _struck(server: Server, number: signal.Signals) -> Callable[[], None]:
    def blow() -> None:
        server.end(number)
        server.start()

    return blow


def _postgres(module: Any, ends: ExitStack) -> tuple[Server, str]:
    directory = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="vpnconsole-")))
    port = module.free_port()
    command = module.postgres_command(directory, port)
    server = Server(command, lambda: bool(module.postgres_answers(port)), module.postgres_owner())
    server.start()
    ends.callback(server.end, signal.SIGINT)
    return server, f"postgres://postgres@127.0.0.1:{port}/postgres"


def _redis(module: Any, ends: ExitStack) -> tuple[Server, str]:
    directory = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="vpnconsole-")))
    port = module.free_port()
    server = Server(module.redis_command(directory, port), lambda: bool(module.redis_answers(port)))
    server.start()
    ends.callback(server.end, signal.SIGTERM)
    return server, f"redis://127.0.0.1:{port}/0"
