"""A Redis that takes connections and says nothing costs a process one wait, and then none for a while."""

import socket
import time
from collections.abc import Iterator

import pytest
import redis

from vpnconsole.cache import QUIET, Cache, Impatient

WAIT = 0.3


@pytest.fixture
def cache() -> Iterator[Cache]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        yield Cache(url, {"OPTIONS": {"socket_timeout": WAIT, "socket_connect_timeout": 1, "retry": None}})
    Impatient.quiet_until = 0.0


def test_one_waits_and_the_others_do_without(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(redis.TimeoutError):
        cache.get("first")
    begun = time.monotonic()
    for ask in (lambda: cache.get("second"), lambda: cache.set("third", 1), lambda: cache.incr("fourth")):
        with pytest.raises(redis.ConnectionError):
            ask()
    assert time.monotonic() - begun < WAIT

    monkeypatch.setattr("vpnconsole.cache.time.monotonic", lambda: begun + 2 * QUIET)
    with pytest.raises(redis.TimeoutError):
        cache.get("later")
