"""Sessions in the database, with the cache before it; where the cache is away, the database alone.

Django's own backend of this kind lets every page fail while the cache is away.
"""

from typing import Any, Final

from django.conf import settings
from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.core.cache import caches
from redis.exceptions import RedisError

AWAY = (RedisError, OSError)
MINUTES: Final = 300
"""Seconds."""


class _Briefly:
    """A cache that keeps what it is given for minutes at most."""

    def __init__(self, cache: Any) -> None:
        self.cache = cache

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cache, name)

    def __contains__(self, key: str) -> bool:
        return key in self.cache

    def set(self, key: str, value: Any, timeout: float | None = None) -> None:
        self.cache.set(key, value, MINUTES if timeout is None else min(timeout, MINUTES))


class SessionStore(cached_db.SessionStore):
    """Saving is Django's: it writes the database first and bears a cache that is away.

    What such a cache has not been told of, the end of a session above all, counts once it has forgotten.
    """

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._cache: Any = _Briefly(caches[settings.SESSION_CACHE_ALIAS])

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
        """The row goes first, whatever the cache says."""
        try:
            super().delete(session_key)
        except AWAY:
            return
