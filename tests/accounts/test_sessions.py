"""Who is signed in stays signed in while the cache is away, and can sign in and out."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from redis.exceptions import ConnectionError as BrokerAway

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ClientOf = Callable[[Any], Client]


@pytest.fixture(params=[BrokerAway, TimeoutError])
def outage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def away(*_args: Any, **_kwargs: Any) -> None:
        raise request.param

    def begin() -> None:
        for name in ("get", "set", "add", "delete", "has_key", "__contains__", "incr"):
            monkeypatch.setattr(type(cache._connections["default"]), name, away)  # type: ignore[attr-defined]
        with pytest.raises(request.param):
            cache.get("anything")

    return begin


def test_a_session_goes_on(outage: Callable[[], None], vera: Any, client_of: ClientOf) -> None:
    client = client_of(vera)
    outage()

    assert client.get(reverse("connections:list")).status_code == 200
    assert client.get(reverse("connections:list"), {"region": "cn-shanghai"}).status_code == 200
    page = client.get(reverse("connections:list")).content.decode()
    assert 'href="?region=cn-shanghai" aria-current="true"' in page


def test_a_session_begins_and_ends(outage: Callable[[], None], vera: Any, password: str) -> None:
    outage()
    client = Client()

    assert client.post(reverse("signin"), {"username": "vera", "password": password}).status_code == 302
    assert client.get(reverse("connections:list")).status_code == 200
    assert client.post(reverse("signout")).status_code == 302
    assert client.get(reverse("connections:list")).status_code == 302
