"""Nobody may ask without end: too much in a minute is answered by 429, with when to go on."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from doors import GUARDED, REVEALS, Door, Estate, estate_of, named
from redis.exceptions import ConnectionError as BrokerAway

from accounts import throttles
from accounts.models import AuditEvent
from accounts.throttles import Throttle
from transit.models import ResourceGroup

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ClientOf = Callable[[Any], Client]

FILES_BY_GET = ("tunnels:events-csv", "tunnels:events-jsonl", "tunnels:ike-log")
WAIT = 17
"""Seconds that are left of the minute."""


@pytest.fixture(autouse=True)
def _a_minute_that_does_not_end(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(throttles, "time", SimpleNamespace(time=lambda: 1_700_000_083.0))
    settings.THROTTLES = dict.fromkeys(Throttle, 2)


@pytest.fixture
def estate(acme: Any) -> Estate:
    return estate_of(acme, 1)


def often(client: Client, method: str, url: str, **more: Any) -> list[Any]:
    return [client.generic(method, url, **more) for _ in range(3)]


@pytest.mark.parametrize("door", GUARDED, ids=str)
def test_whatever_is_posted_too_often_is_held_up(
    door: Door, estate: Estate, ana: Any, client_of: ClientOf
) -> None:
    answers = often(client_of(ana), "POST", door.url(estate))

    statuses = [answer.status_code for answer in answers]
    assert 429 not in statuses[:2]
    assert statuses[2] == (405 if statuses[0] == 405 else 429)


@pytest.mark.parametrize("name", FILES_BY_GET)
def test_so_are_files(name: str, estate: Estate, vera: Any, client_of: ClientOf) -> None:
    answers = often(client_of(vera), "GET", named(name).url(estate))

    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_reading_is_not(estate: Estate, vera: Any, client_of: ClientOf) -> None:
    answers = often(client_of(vera), "GET", named("connections:live").url(estate))

    assert [answer.status_code for answer in answers] == [200] * 3


@pytest.mark.parametrize("name", REVEALS)
def test_what_is_held_up_is_not_done_and_leaves_no_row(
    name: str, estate: Estate, ana: Any, client_of: ClientOf
) -> None:
    often(client_of(ana), "POST", named(name).url(estate))

    done = AuditEvent.objects.filter(action__in=("tunnel.reveal_psk", "peer_configuration.reveal"))
    assert done.count() == 2


@pytest.fixture
def writes_unlimited(settings: Any) -> None:
    settings.THROTTLES = {**settings.THROTTLES, "write": 0}


@pytest.mark.usefixtures("writes_unlimited")
@pytest.mark.parametrize(
    ("page", "action"),
    [
        ("/connections/new/", "reveal:1"),
        ("/connections/{id}/tunnels/1/edit/", "reveal:1"),
        ("/connections/{id}/tunnels/1/rotate-key/", "generate"),
    ],
)
def test_a_key_that_a_form_shows_is_a_reveal_like_any_other(
    page: str, action: str, estate: Estate, ana: Any, client_of: ClientOf
) -> None:
    client, address = client_of(ana), page.format(id=estate.connection.public_id)
    answers = [client.post(address, {"action": action}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_so_are_files_with_keys(estate: Estate, ana: Any, client_of: ClientOf, settings: Any) -> None:
    settings.THROTTLES = {**settings.THROTTLES, "download": 0}
    client, url = client_of(ana), named("connections:download").url(estate)

    assert [client.post(url, {"secrets": "1"}).status_code for _ in range(3)] == [200, 200, 429]
    assert [client.post(url).status_code for _ in range(3)] == [200] * 3


def test_each_user_and_each_throttle_has_a_count_of_its_own(
    estate: Estate, ana: Any, omar: Any, client_of: ClientOf
) -> None:
    reveal, write = named("tunnels:reveal").url(estate), reverse("transit:create-group")
    often(client_of(ana), "POST", reveal)

    assert client_of(ana).post(reveal).status_code == 429
    assert client_of(omar).post(reveal).status_code == 200
    assert client_of(ana).post(write, {"name": "finance"}).status_code == 302
    assert ResourceGroup.objects.filter(name="finance").exists()


@pytest.mark.parametrize(
    ("language", "words"), [("en", "That was too often within a minute"), ("zh-hans", "一分钟内操作过于频繁")]
)
def test_the_answer_says_when_to_go_on(
    language: str, words: str, estate: Estate, ana: Any, client_of: ClientOf
) -> None:
    client = client_of(ana)
    client.cookies["django_language"] = language
    page = often(client, "POST", named("tunnels:reveal").url(estate))[2]
    part = client.post(named("tunnels:reveal").url(estate), headers={"HX-Request": "true"})

    for answer in (page, part):
        assert answer.status_code == 429
        assert answer["Retry-After"] == str(WAIT)
        assert words in answer.content.decode()
        assert str(WAIT) in answer.content.decode()
    assert "<html" in page.content.decode()
    assert "<html" not in part.content.decode()
    assert f'id="{part["HX-Retarget"].removeprefix("#")}"' in page.content.decode()


def test_who_tries_many_names_from_one_address_is_held_up(ana: Any, password: str) -> None:
    def tried(name: str, **more: Any) -> int:
        return Client().post(reverse("signin"), {"username": name, "password": password}, **more).status_code

    assert [tried("nobody"), tried("someone"), tried("ana")] == [200, 200, 429]
    assert tried("ana", REMOTE_ADDR="198.51.100.9") == 302


def test_the_next_minute_is_another_one(
    estate: Estate, ana: Any, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, url = client_of(ana), named("tunnels:reveal").url(estate)
    assert often(client, "POST", url)[2].status_code == 429

    monkeypatch.setattr(throttles, "time", SimpleNamespace(time=lambda: 1_700_000_100.0))
    assert client.post(url).status_code == 200


@pytest.mark.parametrize("error", [BrokerAway, TimeoutError])
def test_without_the_cache_nobody_is_held_up(
    error: type[Exception], estate: Estate, ana: Any, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(ana)

    def away(*_args: Any, **_kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(throttles, "cache", SimpleNamespace(add=away, incr=away))
    answers = often(client, "POST", named("tunnels:reveal").url(estate))
    assert [answer.status_code for answer in answers] == [200] * 3


def test_no_limit_is_none(estate: Estate, ana: Any, client_of: ClientOf, settings: Any) -> None:
    settings.THROTTLES = dict.fromkeys(Throttle, 0)
    answers = often(client_of(ana), "POST", named("tunnels:reveal").url(estate))

    assert [answer.status_code for answer in answers] == [200] * 3
    assert cache.get(f"throttle:reveal:{ana.user.pk}:28333334") is None
