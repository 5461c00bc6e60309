"""/metrics: tunnels by state and cause, what is due, who was seen at work; never public by accident."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from audited_estate import estate_of
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actor import Actor
from tunnels.models import BgpStatus, NegotiationRun, Status
from vpnconsole import heartbeats, metrics
from vpnconsole.heartbeats import Part

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TOKEN = "a-token-of-the-tests-only"


@pytest.fixture(autouse=True)
def _no_earlier_sign_or_count(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    heartbeats._left.clear()
    monkeypatch.setattr(metrics, "COUNTED_FOR", 0)
    yield
    heartbeats._left.clear()


def scrape(**headers: str) -> dict[str, float]:
    """Values by sample, labels included."""
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _blank, value in (line.rpartition(" ") for line in lines)}


# Who may read


@pytest.mark.parametrize(
    ("settings_of", "asked", "status"),
    [
        ({}, {}, 200),
        ({}, {"REMOTE_ADDR": "::1"}, 200),
        ({}, {"REMOTE_ADDR": "192.0.2.1"}, 403),
        ({}, {"REMOTE_ADDR": ""}, 403),
        ({}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ({}, {"HTTP_X_FORWARDED_PROTO": "https"}, 403),
        ({}, {"HTTP_FORWARDED": "for=127.0.0.1"}, 403),
        ({}, {"HTTP_VIA": "1.1 proxy"}, 403),
        ({"BEHIND_PROXY": True}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ({"METRICS_TOKEN": TOKEN}, {}, 403),
        (
            {"METRICS_TOKEN": TOKEN},
            {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}", "REMOTE_ADDR": "192.0.2.1"},
            200,
        ),
        ({"METRICS_TOKEN": TOKEN}, {"HTTP_AUTHORIZATION": TOKEN}, 403),
        ({"METRICS_TOKEN": TOKEN}, {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}x"}, 403),
        ({"METRICS_TOKEN": TOKEN}, {"HTTP_AUTHORIZATION": "Bearer ünïcode"}, 403),
        ({"METRICS_TOKEN": TOKEN}, {"HTTP_AUTHORIZATION": "Bearer "}, 403),
        ({}, {"HTTP_AUTHORIZATION": "Bearer ", "REMOTE_ADDR": "192.0.2.1"}, 403),
    ],
)
def test_only_this_machine_or_the_token(
    settings: Any, settings_of: dict[str, Any], asked: dict[str, str], status: int
) -> None:
    for name, value in settings_of.items():
        setattr(settings, name, value)
    answer = Client().get("/metrics", **asked)  # type: ignore[arg-type]

    assert answer.status_code == status
    assert (b"vpnconsole_" in answer.content) == (status == 200)
    assert "no-store" in answer["Cache-Control"]


def test_a_session_opens_nothing_here(ana: Actor, client_of: Any) -> None:
    assert client_of(ana).get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 403


# What it tells


def test_a_configured_tunnel_is_not_one_that_is_up(ana: Actor) -> None:
    estate = estate_of(ana)
    first, second = (tunnel.run for tunnel in estate.connection.tunnels.defer("psk").order_by("index"))
    NegotiationRun.objects.filter(pk=first.pk).update(
        status=Status.CHILD_UP, bgp_status=BgpStatus.UP, cause="", due_at=None
    )
    NegotiationRun.objects.filter(pk=second.pk).update(
        status=Status.CHILD_DOWN, cause="EncryptionAlgorithmMismatch", due_at=None
    )
    told = scrape()

    assert (told["vpnconsole_tunnels_configured"], told["vpnconsole_tunnels_up"]) == (2, 1)
    assert told['vpnconsole_tunnels{bgp="up",cause="",state="ipsec_sa_established"}'] == 1
    down = (
        'vpnconsole_tunnels{bgp="down",cause="EncryptionAlgorithmMismatch",state="ipsec_sa_not_established"}'
    )
    assert told[down] == 1


def test_rekeying_is_not_down(ana: Actor) -> None:
    estate_of(ana)
    NegotiationRun.objects.update(status=Status.CHILD_UP, negotiating=True)

    assert scrape()["vpnconsole_tunnels_up"] == 2


def test_accounts_are_told_only_where_asked_for_and_by_uid(ana: Actor, settings: Any) -> None:
    estate_of(ana)
    assert ana.account.uid not in Client().get("/metrics").content.decode()

    settings.METRICS_BY_ACCOUNT = True
    told = Client().get("/metrics").content.decode()

    assert f'account="{ana.account.uid}"' in told
    assert ana.account.name not in told


def test_lag_is_how_long_the_oldest_step_has_been_due(ana: Actor) -> None:
    estate = estate_of(ana)
    now = timezone.now()
    first, second = (tunnel.run.pk for tunnel in estate.connection.tunnels.defer("psk"))
    NegotiationRun.objects.filter(pk=first).update(due_at=now - timedelta(seconds=90))
    NegotiationRun.objects.filter(pk=second).update(due_at=now + timedelta(hours=1))
    told = scrape()

    assert told["vpnconsole_due_rows"] == 1
    assert 90 <= told["vpnconsole_due_lag_seconds"] < 120
    NegotiationRun.objects.update(due_at=None)
    assert (scrape()["vpnconsole_due_rows"], scrape()["vpnconsole_due_lag_seconds"]) == (0, 0)


def test_a_scrape_asks_as_little_of_many_tunnels_as_of_few(ana: Actor) -> None:
    estate_of(ana)
    with CaptureQueriesContext(connection) as queries:
        scrape()

    assert len(queries) == 2


def test_all_tunnels_are_counted_once_for_the_scrapes_of_some_seconds(
    ana: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "COUNTED_FOR", 60)
    estate_of(ana)
    told = [scrape()["vpnconsole_tunnels_configured"]]
    with CaptureQueriesContext(connection) as asked:
        told.append(scrape()["vpnconsole_tunnels_configured"])
    statements = [query["sql"] for query in asked]
    cache.clear()
    NegotiationRun.objects.all().delete()
    told.append(scrape()["vpnconsole_tunnels_configured"])

    assert told == [2, 2, 0]
    assert [sql for sql in statements if "GROUP BY" in sql] == []
    assert [sql for sql in statements if "due_at" in sql], "what is due is asked each time"


def test_who_was_seen_and_who_never(ana: Actor) -> None:
    assert not [name for name in scrape() if name.startswith("vpnconsole_last_seen")]

    heartbeats.leave(Part.BEAT)
    told = scrape()

    assert abs(told['vpnconsole_last_seen_timestamp_seconds{part="beat"}'] - time.time()) < 5
    assert 'vpnconsole_last_seen_timestamp_seconds{part="worker"}' not in told


def test_a_sign_is_left_every_few_seconds_and_not_at_each_task(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(heartbeats, "time", SimpleNamespace(monotonic=lambda: clock[0], time=time.time))
    heartbeats.leave(Part.WORKER)
    cache.delete(Part.WORKER.key)

    heartbeats.leave(Part.WORKER)
    assert Part.WORKER not in heartbeats.last_seen()

    clock[0] += heartbeats.EVERY
    heartbeats.leave(Part.WORKER)
    assert Part.WORKER in heartbeats.last_seen()


def test_a_part_that_is_away_costs_its_own_lines_only(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("no route to host")

    heartbeats.leave(Part.BEAT)
    monkeypatch.setattr(metrics, "_tunnels", away)
    told = scrape()

    assert told['vpnconsole_part_up{part="database"}'] == 0
    assert told['vpnconsole_part_up{part="cache"}'] == 1
    assert "vpnconsole_tunnels_configured" not in told
    assert 'vpnconsole_last_seen_timestamp_seconds{part="beat"}' in told


# Requests


def count(view: str, status: int, method: str = "GET") -> float:
    told = scrape()
    return told.get(f'vpnconsole_requests_total{{method="{method}",status="{status}",view="{view}"}}', 0)


def test_requests_are_counted_by_view_and_status(ana: Actor, client_of: Any) -> None:
    before, seconds = count("accounts:members", 200), scrape()["vpnconsole_request_seconds_count"]
    client_of(ana).get("/accounts/members/")

    assert count("accounts:members", 200) == before + 1
    assert scrape()["vpnconsole_request_seconds_count"] > seconds


def test_no_visitor_can_invent_a_label(ana: Actor) -> None:
    client, before = Client(), count("none", 404)
    for number in range(3):
        client.get(f"/no-such-page-{number}/")
    client.generic("BREW", "/livez")
    text = Client().get("/metrics").content.decode()

    assert count("none", 404) == before + 3
    assert "no-such-page" not in text
    assert "BREW" not in text
    assert re.search(r'method="other",status="405",view="livez"', text)
