"""Sessions in the database, with the cache before it; where the cache is away, the database alone.

Django's own backend of this kind lets every page fail while the cache is away.
"""

from typing import Any

from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from redis.exceptions import RedisError

AWAY = (RedisError, OSError)


class SessionStore(cached_db.SessionStore):
    """Saving is Django's: it writes the database first and bears a cache that is away."""

    def load(self) -> dict[str, Any]:
        try:
            return super().load()
        except AWAY:
            return InDatabase.load(self)

    def exists(self, session_key: str) -> bool:
        try:
            return bool(super().exists(session_key))
        except AWAY:
            return bool(InDatabase.exists(self, session_key))

    def delete(self, session_key: str | None = None) -> None:
        """The row goes first, so it is gone whatever the cache says."""
        try:
            super().delete(session_key)
        except AWAY:
            return
