#!/usr/bin/env python3
"""Run a command with the services it needs: `with_services.py (embedded|servers) COMMAND…`

embedded: SQLite and an embedded Valkey of its own. servers: PostgreSQL and Redis, which are TEST_DATABASE_URL
and TEST_REDIS_URL if given, else those that listen on this machine's usual ports, else private ones started
from installed binaries in a temporary directory and ended afterwards.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402 - after the path

from vpnconsole.runtime import valkey  # noqa: E402 - after the path
from vpnconsole.runtime.children import LEASH  # noqa: E402 - after the path

PATIENCE = 30.0  # seconds for a service to answer


def main(kind: str, *command: str) -> int:
    # At SIGTERM, too, what was started is ended.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    services = {"embedded": embedded, "servers": servers}[kind]
    with ExitStack() as started:
        environment = {**os.environ, **services(started)}
        if kind == "embedded":
            environment.pop("DATABASE_URL", None)
        return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - the caller's


def embedded(started: ExitStack) -> dict[str, str]:
    directory = started.enter_context(temporary_directory())
    server = valkey.configure(directory / "valkey")
    started.enter_context(running(server.program({}).command, server.answers))
    return {"REDIS_URL": server.url}


def servers(started: ExitStack) -> dict[str, str]:
    return {
        "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or database(started),
        "REDIS_URL": os.environ.get("TEST_REDIS_URL") or redis(started),
    }


def database(started: ExitStack) -> str:
    """The name is this run's own, so that runs side by side have test databases of their own."""
    port = 5432 if postgres_answers(5432) else private_postgres(started)
    return f"postgres://postgres@127.0.0.1:{port}/vpnconsole_{os.getpid()}"


def redis(started: ExitStack) -> str:
    """The last of the numbered databases, which nobody uses by accident."""
    port = 6379 if redis_answers(6379) else private_redis(started)
    return f"redis://127.0.0.1:{port}/15"


def postgres_answers(port: int) -> bool:
    try:
        with psycopg.connect(f"postgres://postgres@127.0.0.1:{port}/postgres", connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def redis_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def private_postgres(started: ExitStack) -> int:
    directory, port = started.enter_context(temporary_directory()), free_port()
    command = postgres_command(directory, port)
    started.enter_context(running(command, lambda: postgres_answers(port), postgres_owner()))
    return port


def postgres_command(directory: Path, port: int) -> tuple[str, ...]:
    """What starts a server, to be run by `postgres_owner`, on data that are made in `directory`."""
    owner, data = postgres_owner(), str(directory / "data")
    if owner:
        shutil.chown(directory, owner)
    made = (postgres_binary("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, user=owner, cwd="/")  # noqa: S603 - fixed
    place = ("-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", str(directory))
    return (postgres_binary("postgres"), *place, "-c", "fsync=off", "-c", "log_min_messages=fatal")


def postgres_owner() -> str | None:
    """PostgreSQL refuses to run as root: its own user, or nobody."""
    if os.getuid() != 0:
        return None
    users = Path("/etc/passwd").read_text(encoding="utf-8")
    return "postgres" if "\npostgres:" in users else "nobody"


def postgres_binary(name: str) -> str:
    """From the PATH, else where Debian keeps it."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(kept[-1]) if kept else "")
    return found or sys.exit(
        "PostgreSQL is not installed. Set TEST_DATABASE_URL, or apt-get install postgresql."
    )


def private_redis(started: ExitStack) -> int:
    directory, port = started.enter_context(temporary_directory()), free_port()
    started.enter_context(running(redis_command(directory, port), lambda: redis_answers(port)))
    return port


def redis_command(directory: Path, port: int) -> tuple[str, ...]:
    """What starts a server that keeps nothing."""
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if binary is None:
        sys.exit("Redis is not installed. Set TEST_REDIS_URL, or apt-get install redis-server.")
    return (binary, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(directory), "--save", "")


@contextmanager
def running(command: tuple[str, ...], answers: Callable[[], bool], user: str | None = None) -> Iterator[None]:
    """The server, for as long as the block lasts."""
    # Another user may not be able to read this Python, and a change of user cuts the leash.
    leash = () if user else (sys.executable, "-IS", str(LEASH), str(os.getpid()), "-1")
    process = subprocess.Popen((*leash, *command), stdout=subprocess.DEVNULL, user=user, cwd="/")  # noqa: S603
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{command[0]} does not answer.")
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL's fast end; the others end orderly, too
        process.wait()


@contextmanager
def temporary_directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vpnconsole-") as name:
        yield Path(name)


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
