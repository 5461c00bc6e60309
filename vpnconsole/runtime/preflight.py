"""What must hold before anything starts; each refusal says what to do."""

import errno
import fcntl
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]


class StartError(Exception):
    """A reason not to start, written for the person at the terminal."""


@dataclass(frozen=True)
class Place:
    """Where this instance lives: its directory and the address it answers at."""

    var_dir: Path
    host: str
    port: int

    @property
    def address(self) -> str:
        """The address to type into a browser on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared only
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def place_from(environment: Mapping[str, str]) -> Place:
    """VAR_DIR (default `var` beside the code), HOST (127.0.0.1) and PORT (8000; 0 takes any free one)."""
    port = environment.get("PORT") or "8000"
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise StartError(f"PORT={port!r} is not a port number. Use 1 to 65535, for example PORT=8080.")
    var_dir = Path(environment.get("VAR_DIR") or ROOT / "var").absolute()
    return Place(var_dir, environment.get("HOST") or "127.0.0.1", int(port))


def claim(var_dir: Path) -> IO[str]:
    """The lock that makes this the only instance in `var_dir`. It holds as long as the file is open."""
    try:
        var_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (var_dir / "lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise StartError(
            f"VAR_DIR={var_dir} cannot be used: {error.strerror}. "
            "Make it writable or name another directory: make run VAR_DIR=…"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        with lock:
            lock.seek(0)
            holder = lock.read().strip() or "just starting"
        raise StartError(
            f"The console already runs in VAR_DIR={var_dir} ({holder}). "
            "Use it, stop it first, or start a second one with its own VAR_DIR and PORT."
        ) from error
    return lock


def sign(lock: IO[str], place: Place) -> None:
    """Write into the lock who holds it."""
    lock.truncate(0)
    lock.write(f"process {os.getpid()}, {place.address}\n")
    lock.flush()


def listen(place: Place) -> socket.socket:
    """The listening socket of the web server. It outlives a restart of the web server: nobody else can take
    the port meanwhile, and requests wait instead of being refused."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        return socket.create_server((place.host, place.port), family=family, backlog=1024)
    except OSError as error:
        raise StartError(_why_no_address(place, error)) from error


def _why_no_address(place: Place, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {place.port} on {place.host} is taken by another program. "
            f"Stop that one or choose another port: make run PORT={place.port % 65535 + 1}"
        )
    if error.errno == errno.EACCES:
        return f"Port {place.port} is for root only. Choose one from 1024 on: make run PORT=8000"
    return f"HOST={place.host} is not an address of this machine ({error.strerror}). Try HOST=127.0.0.1."
