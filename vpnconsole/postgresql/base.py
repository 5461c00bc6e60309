"""Where Django looks for a backend's wrapper."""

import select

from django.db.backends.postgresql import base
from psycopg import Connection


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """The server is asked only where it has said something by itself, such as that it goes away."""
        return _is_quiet(self.connection) or super().is_usable()


def _is_quiet(connection: "Connection | None") -> bool:
    """Whether it is open and nothing waits to be read, not even its end."""
    if connection is None or connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return not poll.poll(0)
