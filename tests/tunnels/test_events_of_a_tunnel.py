"""Events: found by filter, each at its own address, exported, written as a log, kept for a while."""

import csv
import json
import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tunnel_rows import (
    MARKER_BGP_KEY,
    MARKER_PSK,
    START,
    Watch,
    connection_of,
    ring,
    run_of,
    started,
    stop_clock,
    tunnel_of,
)

from accounts.actor import Actor
from tunnels import events
from tunnels.events import EventFilter, as_csv, as_jsonl, delete_old, ike_log
from tunnels.models import Tunnel, TunnelEvent
from tunnels.operations import set_clock_speed
from tunnels.tasks import delete_old_events

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ClientOf = Callable[[Actor], Client]
ALL = EventFilter()
FIRST_MINUTE = START + timedelta(minutes=1)
DES = [["des", "md5", "group1"]]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def refused(actor: Actor, watch: Watch, **values: Any) -> Tunnel:
    """A tunnel that has failed once, by default for its key."""
    tunnel = started(actor, **{"device": {"psk": "another"}, **values})
    ring(watch)
    ring(watch, 5)
    return tunnel


def url(name: str, tunnel: Tunnel, *more: str) -> str:
    return reverse(f"tunnels:{name}", args=[tunnel.public_id, *more])


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert "attachment" in answer.headers["Content-Disposition"]
    return b"".join(answer).decode()


# Filter


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("phase=ike", lambda event: event.phase == "ike"),
        ("severity=error", lambda event: event.severity == "error"),
        ("cause=PreSharedKeyMismatch", lambda event: event.cause == "PreSharedKeyMismatch"),
        ("since=2026-03-01T03:00&until=2026-03-01T03:01", lambda event: event.at < FIRST_MINUTE),
        ("phase=ike&severity=info", lambda event: (event.phase, event.severity) == ("ike", "info")),
    ],
)  # fmt: skip
def test_the_page_shows_what_passes_the_filter(
    ana: Actor, watch: Watch, client_of: ClientOf, query: str, kept: Callable[[TunnelEvent], bool]
) -> None:
    tunnel = refused(ana, watch)
    watch.pass_by(300)
    ring(watch)
    ring(watch, 5)
    page = client_of(ana).get(url("events", tunnel) + "?" + query).content.decode()
    shown = set(re.findall(r"/events/([0-9a-f.-]+)/", page))
    rows = TunnelEvent.objects.filter(tunnel=tunnel)
    wanted = {event.permalink for event in rows if kept(event)}
    assert 0 < len(wanted) < rows.count()
    assert shown == wanted


@pytest.mark.parametrize("query", ["phase=esp", "severity=loud", "cause=Nonsense", "since=yesterday"])
@pytest.mark.parametrize("name", ["events", "events-csv", "events-jsonl", "ike-log"])
def test_a_filter_that_cannot_be_read_shows_nothing_and_says_so(
    ana: Actor, watch: Watch, client_of: ClientOf, query: str, name: str
) -> None:
    tunnel = refused(ana, watch)
    answer = client_of(ana).get(url(name, tunnel) + "?" + query)
    assert answer.status_code == 422
    assert "started" not in answer.content.decode()
    assert not re.findall(r"/events/[0-9a-f.-]+/", answer.content.decode())


def test_the_filter_offers_the_causes_there_are(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    page = client_of(ana).get(url("events", refused(ana, watch))).content.decode()
    assert '<option value="PreSharedKeyMismatch">Pre-shared key mismatch</option>' in page
    assert "PfsMismatch" not in page


def test_pages_keep_the_filter(
    ana: Actor, watch: Watch, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    tunnel = refused(ana, watch)
    monkeypatch.setattr("tunnels.event_views.PAGE_OF_EVENTS", 2)
    page = client_of(ana).get(url("events", tunnel) + "?phase=ike").content.decode()
    assert re.search(r"\?phase=ike&amp;before=\d+-\d+", page)


# Permalinks


def test_every_event_has_an_address_that_stays(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = refused(ana, watch)
    client = client_of(ana)
    for event in TunnelEvent.objects.filter(tunnel=tunnel):
        assert client.get(url("event", tunnel, event.permalink)).status_code == 200
    verdict = TunnelEvent.objects.get(tunnel=tunnel, kind="refused")
    page = client.get(url("event", tunnel, verdict.permalink)).content.decode()
    for text in ("Pre-shared key mismatch", "AUTHENTICATION_FAILED", "Error", "PreSharedKeyMismatch"):
        assert text in page


def test_no_event_is_found_at_another_tunnels_address(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel, other = refused(ana, watch), refused(ana, watch)
    event = TunnelEvent.objects.filter(tunnel=tunnel)[0]
    assert client_of(ana).get(url("event", other, event.permalink)).status_code == 404


@pytest.mark.parametrize("name", ["x", "1.1", "..", "00000000-0000-0000-0000-000000000000.1", "é.²"])
def test_a_name_of_no_event_is_not_found(ana: Actor, watch: Watch, client_of: ClientOf, name: str) -> None:
    assert client_of(ana).get(url("event", refused(ana, watch), name)).status_code == 404


def test_events_are_append_only(ana: Actor, watch: Watch) -> None:
    event = TunnelEvent.objects.filter(tunnel=refused(ana, watch))[0]
    event.message = "rewritten"
    with pytest.raises(ValueError, match="append-only"):
        event.save()


# Export


def test_csv_and_jsonl_tell_the_same_and_all_of_it(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = refused(ana, watch)
    client = client_of(ana)
    table = body(client, url("events-csv", tunnel)).removeprefix("\ufeff")
    lines = body(client, url("events-jsonl", tunnel)).splitlines()
    objects = [json.loads(line) for line in lines]
    rows = [*csv.DictReader(StringIO(table, newline=""))]
    assert len(rows) == len(objects) == TunnelEvent.objects.filter(tunnel=tunnel).count()
    for row, told in zip(rows, objects, strict=True):
        assert json.loads(row.pop("detail")) == told.pop("detail")
        assert row == {name: str(value) for name, value in told.items()}
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)


def test_an_export_holds_what_passes_the_filter(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = refused(ana, watch)
    lines = body(client_of(ana), url("events-jsonl", tunnel) + "?severity=error").splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["refused"]


def test_a_spreadsheet_finds_no_formula(ana: Actor, watch: Watch) -> None:
    tunnel = tunnel_of(ana)
    TunnelEvent.objects.create(tunnel=tunnel, at=START, kind="message", message="=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in "".join(as_csv(tunnel, ALL))


def test_an_export_is_read_in_batches(ana: Actor, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    tunnel = refused(ana, watch)
    every = [*as_jsonl(tunnel, ALL)]
    monkeypatch.setattr(events, "CHUNK", 2)
    with CaptureQueriesContext(database) as asked:
        assert [*as_jsonl(tunnel, ALL)] == every
    assert len(asked) == len(every) // 2 + 1


def test_no_file_holds_a_key(ana: Actor, watch: Watch) -> None:
    tunnel = refused(ana, watch)
    told = "".join([*as_csv(tunnel, ALL), *as_jsonl(tunnel, ALL), *ike_log(tunnel, ALL)])
    assert MARKER_PSK not in told
    assert MARKER_BGP_KEY not in told
    assert "another" not in told


# The log

LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d vco-[0-9a-z]+ \[(DEBUG|INFO|PROTO_WARN|PROTO_ERR)\]: "
    r"[a-z0-9_]+\.c:\d+:[a-z0-9_]+\(\): .+"
)


@pytest.mark.parametrize("version", ["ikev1", "ikev2"])
@pytest.mark.parametrize(
    "device",
    [{}, {"psk": "x"}, {"powered_on": False}, {"child_proposals": DES}, {"ike_version": "any"}],
)  # fmt: skip
def test_every_line_has_the_consoles_shape(
    ana: Actor, watch: Watch, device: dict[str, Any], version: str
) -> None:
    tunnel = started(ana, device=device)
    Tunnel.objects.filter(pk=tunnel.pk).update(ike_version=version)
    tunnel.refresh_from_db()
    ring(watch)
    ring(watch, 170)
    lines = "".join(ike_log(tunnel, ALL)).splitlines()
    assert len(lines) > 2
    for line in lines:
        assert LINE.fullmatch(line), line
        assert tunnel.connection.public_id in line
    assert [line[:19] for line in lines] == sorted(line[:19] for line in lines)


def test_the_log_tells_china_time_and_no_bgp(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = started(ana)
    ring(watch)
    ring(watch, 5)
    log = body(client_of(ana), url("ike-log", tunnel))
    assert log.startswith("2026-03-01 11:00:00 ")
    assert "ISAKMP-SA established" in log
    assert "IPsec-SA established: ESP/Tunnel" in log
    assert "BGP" not in log


def test_the_log_says_what_went_wrong_in_the_daemons_words(ana: Actor, watch: Watch) -> None:
    tunnel = refused(ana, watch, device={"powered_on": False})
    ring(watch, 170)
    assert "retransmission count exceeded the limit" in "".join(ike_log(tunnel, ALL))


# Retention


def test_old_events_go_and_others_stay(ana: Actor, watch: Watch, settings: Any) -> None:
    settings.EVENT_RETENTION_DAYS = 30
    tunnel = refused(ana, watch)
    run = run_of(tunnel).version
    old = TunnelEvent.objects.filter(tunnel=tunnel).count()
    watch.pass_by(31 * 86400)
    TunnelEvent.objects.create(tunnel=tunnel, at=watch.time, kind="unbound")
    assert delete_old_events() == old
    assert [event.kind for event in TunnelEvent.objects.filter(tunnel=tunnel)] == ["unbound"]
    assert run_of(tunnel).version == run
    assert delete_old_events() == 0


def test_without_a_setting_90_days_are_kept(ana: Actor, watch: Watch) -> None:
    refused(ana, watch)
    watch.pass_by(89 * 86400)
    assert delete_old() == 0
    watch.pass_by(2 * 86400)
    assert delete_old() > 0


def test_they_go_in_batches_and_what_is_left_goes_next_time(
    ana: Actor, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    tunnel = tunnel_of(ana)
    for second in range(7):
        TunnelEvent.objects.create(tunnel=tunnel, at=START + timedelta(seconds=second), kind="unbound")
    monkeypatch.setattr(events, "BATCH", 2)
    watch.pass_by(100 * 86400)
    assert delete_old(most_batches=2) == 4
    assert TunnelEvent.objects.order_by("at")[0].at == START + timedelta(seconds=4)
    assert delete_old() == 3


def test_a_clock_that_runs_fast_ages_its_own_events_only(omar: Actor, watch: Watch) -> None:
    fast, calm = connection_of(omar).tunnels.get(index=1), tunnel_of(omar)
    for tunnel in (fast, calm):
        TunnelEvent.objects.create(tunnel=tunnel, at=watch.time, kind="unbound")
    set_clock_speed(actor=omar, tunnel=fast, speed=86400)
    watch.pass_by(91)
    assert delete_old() == 1
    assert TunnelEvent.objects.get().tunnel == calm
