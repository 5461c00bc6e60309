"""Django's cache in Redis, which is not waited for again and again while it takes connections in silence."""

import time
from typing import Any, Final

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

QUIET: Final = 5.0
"""Seconds for which a process does without a cache that has not answered in time."""


class Impatient(redis.Redis):
    quiet_until = 0.0
    """All of a process's share it: a page asks its cache several times, for its session and more."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        if time.monotonic() < Impatient.quiet_until:
            raise redis.ConnectionError("the cache has not answered just now")
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except redis.TimeoutError:
            Impatient.quiet_until = time.monotonic() + QUIET
            raise


class Client(RedisCacheClient):
    _kept: redis.Redis | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._client = Impatient

    def get_client(self, key: Any = None, *, write: bool = False) -> redis.Redis:
        """Of one server the same each time: to make one takes as long as to ask it something."""
        servers: list[str] = self._servers  # type: ignore[attr-defined]
        if self._kept is None or len(servers) > 1:
            self._kept = super().get_client(key, write=write)
        return self._kept


class Cache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = Client
