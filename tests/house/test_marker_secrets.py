"""A marked secret in every place that can hold one: it comes out where somebody asks for it, nowhere else."""

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from doors import ALL, REVEALS, Door, Estate, estate_of
from markers import CORE, FORMS, MARKER, answer, cache_dump, database_dump, mark_everything, traces

from accounts.models import AuditEvent
from peerconfigs.registry import VENDORS
from vpnconsole import logs

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]

LEAVES = {"signout", "change-password", "delete", "remove-member"}
HTMX = {"HX-Request": "true"}
TYPED = dict.fromkeys(
    (
        "psk", "tunnels-0-psk", "tunnels-1-psk", "auth_key", "bgp_auth_key",
        "password", "old_password", "new_password1", "new_password2", "password1", "password2", "code",
    ),
    MARKER,
)  # fmt: skip
"""Every field that takes a secret; each form takes its own, and refuses the rest of the form."""


@pytest.fixture
def estate(acme: Any, ana: Any) -> Estate:
    estate = estate_of(acme, 1)
    mark_everything(ana)
    return estate


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that the console writes at any level, in both forms."""
    stream, handlers = io.StringIO(), []
    for formatter in (logs.JsonLines(), logs.TextLines()):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        handlers.append(handler)
    root = logging.getLogger()
    level, names = root.level, ("django", "django.request", "django.template", "axes", "celery", "kombu")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in ("", *names):
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger("django.template").setLevel(logging.INFO)  # says at length what is not there
    root.handlers += handlers
    yield stream
    for handler in handlers:
        root.removeHandler(handler)
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


@pytest.mark.parametrize("door", ALL, ids=str)
def test_an_answer_holds_a_secret_only_where_that_is_asked_for(
    door: Door, estate: Estate, ana: Any, vera: Any, client_of: ClientOf
) -> None:
    """By page and by fragment: who looks never gets one; who writes, where the write asks for it."""
    url, owner = door.url(estate), client_of(ana)
    for client in (owner, client_of(vera)):
        assert [traces(answer(client.get(url, headers=headers))) for headers in ({}, HTMX)] == [[], []]
    viewers = client_of(vera).post(url, {"secrets": "1"})
    assert traces(answer(viewers)) == []

    shown = owner.post(url, {}, headers=HTMX)
    assert bool(traces(answer(shown))) == (door.name in REVEALS)
    if door.name in REVEALS:
        assert "no-store" in shown["Cache-Control"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_file_holds_keys_where_it_was_asked_for_with_them(
    vendor: str, estate: Estate, omar: Any, client_of: ClientOf
) -> None:
    url = reverse("connections:download", args=[estate.connection.public_id, vendor])
    bare, zero, full = (client_of(omar).post(url, data) for data in ({}, {"secrets": "0"}, {"secrets": "1"}))

    assert [one.status_code for one in (bare, zero, full)] == [200, 200, 200]
    assert (traces(answer(bare)), traces(answer(zero))) == ([], [])
    assert traces(answer(full))
    assert "no-store" in full["Cache-Control"]


PARTS = {
    "connections:create": ("", "?save", "?part=check", "?part=change", "?part=draft", "?part=gateway"),
    **dict.fromkeys(
        ("connections:edit", "connections:edit-tunnel"), ("", "?part=check", "?part=change", "?part=rows")
    ),
}


@pytest.mark.parametrize("door", ALL, ids=str)
def test_a_refused_form_does_not_give_back_what_was_typed(
    door: Door, acme: Any, ana: Any, client_of: ClientOf
) -> None:
    url, client = door.url(estate_of(acme, 1)), client_of(ana)
    assert PARTS.keys() <= {one.name for one in ALL}
    for part in PARTS.get(door.name, ("",)):
        for headers in ({}, HTMX):
            assert traces(answer(client.post(url + part, TYPED, headers=headers))) == []


@pytest.mark.database
def test_nothing_that_is_kept_holds_one(
    estate: Estate, ana: Any, client_of: ClientOf, log: io.StringIO
) -> None:
    """After all doors were tried, with keys shown, files fetched and secrets typed: not the database, nor
    sessions, cache, queue, audit trail and log."""
    last = [door for door in ALL if not LEAVES & {door.name, door.name.rpartition(":")[2]}]
    for data in ({"secrets": "1"}, TYPED):
        client = client_of(ana)
        for door in last:
            answer(client.get(door.url(estate)))
            answer(client.post(door.url(estate), data, headers=HTMX if data is TYPED else {}))
        answer(client.post(reverse("connections:create") + "?save", TYPED))
    Client().post(reverse("signin"), {"username": "ana", "password": MARKER})

    assert AuditEvent.objects.filter(action="tunnel.reveal_psk").exists()
    kept = [*database_dump(), *cache_dump()]
    assert {"sessions", "cache", AuditEvent._meta.db_table} <= {place for place, _value in kept}
    assert [(place, traces(value)) for place, value in kept if traces(value)] == []
    assert "ana" in log.getvalue()
    assert traces(log.getvalue()) == []


def test_an_error_report_holds_none(
    estate: Estate, ana: Any, client_of: ClientOf, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks breaks with the secret at hand: after it was opened, and after it was typed."""

    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the trail cannot be written")

    client = client_of(ana)
    client.raise_request_exception = False
    monkeypatch.setattr("accounts.actor.insert", broken)
    region = {"region": "cn-hangzhou", "address": "203.0.113.77", "asn": "65009", "auth_key": CORE}
    found = [
        client.post(reverse("tunnels:reveal", args=[estate.tunnel.public_id])),
        client.post(
            reverse("connections:download", args=[estate.connection.public_id, "console"]), {"secrets": 1}
        ),
        client.post(reverse("gateways:create"), region),
        client.post(
            reverse("gateways:edit", args=[estate.gateway.public_id]), {"name": "x", "auth_key": CORE}
        ),
    ]

    assert [one.status_code for one in found] == [500] * len(found)
    assert [traces(answer(one)) for one in found] == [[]] * len(found)
    assert log.getvalue().count("the trail cannot be written") >= 2 * len(found)
    assert traces(log.getvalue()) == []


@pytest.mark.parametrize("form", FORMS)
def test_the_marker_is_found_in_every_form(form: str) -> None:
    """Else finding nothing would prove nothing."""
    assert form in traces(b"before " + FORMS[form] + b" after")
