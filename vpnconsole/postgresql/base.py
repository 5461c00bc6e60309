"""Where Django looks for a backend's wrapper."""

import select
import time
from typing import Final

from django.db.backends.postgresql import base
from psycopg import Connection

RECENTLY: Final = 5.0
"""Seconds for which a connection that stood is taken to stand while nothing is heard of its end."""


class DatabaseWrapper(base.DatabaseWrapper):
    stood_at = float("-inf")

    def is_usable(self) -> bool:
        """The server is asked where the connection has rested a while, or something waits to be read: mostly
        its end. What lies between may have dropped a resting one without a word."""
        now = time.monotonic()
        usable = (now - self.stood_at < RECENTLY and _is_quiet(self.connection)) or super().is_usable()
        self.stood_at = now if usable else float("-inf")
        return usable


def _is_quiet(connection: "Connection | None") -> bool:
    """Whether it is open and nothing waits to be read, not even its end."""
    if connection is None or connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return not poll.poll(0)
