"""A session lies in the database; the cache before it forgets it within minutes."""

from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches

from accounts.sessions import MINUTES, SessionStore

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_the_cache_keeps_it_for_minutes_however_long_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[float] = []
    cache = caches[settings.SESSION_CACHE_ALIAS]
    real = cache.set

    def spied(key: str, value: Any, timeout: float) -> None:
        kept.append(timeout)
        real(key, value, timeout)

    monkeypatch.setattr(cache, "set", spied)
    session = SessionStore()
    session["seen"] = 1
    session.save()
    cache.clear()
    assert SessionStore(session.session_key)["seen"] == 1
    assert set(kept) == {MINUTES}
    assert SessionStore().exists(str(session.session_key))


def test_one_that_has_ended_is_gone() -> None:
    session = SessionStore()
    session["seen"] = 1
    session.save()
    session.delete()
    assert "seen" not in SessionStore(session.session_key)
