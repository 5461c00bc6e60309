"""The start page: how all regions do, what is broken, since when and why, and where everything lies."""

from datetime import timedelta
from typing import Any

import pytest
from connection_cast import SHANGHAI, Cast, cast_of, made, play, set_status, tunnels_of
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from page_reader import Element, by_id, read

from accounts.actor import Actor
from connections.overview import SHOWN
from tunnels.models import BgpStatus, NegotiationRun, Status
from vpnconsole.heartbeats import SILENT, Part

pytestmark = [pytest.mark.database, pytest.mark.django_db]

BUDGET = 8


def start(client: Client) -> Element:
    return read(client.get("/").content.decode())


def numbers(page: Element) -> dict[str, int]:
    """What the numbers at the top say, by their words."""
    cards = [one for one in page.walk() if "number" in one.attributes.get("class", "").split()]
    return {card.text.lstrip("0123456789"): int("".join(filter(str.isdigit, card.text))) for card in cards}


def broken(page: Element) -> list[list[str]]:
    """The cells of each broken tunnel's row."""
    tables = [one for one in page.walk() if "broken-table" in one.attributes.get("class", "").split()]
    lines = [one for table in tables for one in table.walk() if one.tag == "tr"]
    cells = [[cell.text for cell in line.walk() if cell.tag == "td"] for line in lines]
    return [one for one in cells if one]


def test_a_new_account_is_told_where_to_begin(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "Nothing here yet" in page
    assert 'href="/cens/create/"' in page


def test_it_is_the_first_entry_of_the_navigation(client: Client) -> None:
    links = [one for one in start(client).walk() if one.tag == "a" and one.parent]
    entries = [one for one in links if one.parent and one.parent.attributes.get("class") == "sidenav"]
    assert (entries[0].text, entries[0].attributes["href"]) == ("Overview", "/")
    assert entries[0].attributes["aria-current"] == "page"


def test_numbers_by_state_in_all_regions(client: Client, ana: Actor, cast: Cast) -> None:
    there = cast_of(ana, region=SHANGHAI, block="10.251.0.0/24")
    made(cast, "fine")
    made(there, "fine too")
    play()
    set_status(made(cast, "half"), Status.CHILD_UP, Status.CHILD_DOWN)
    set_status(made(cast, "none"), Status.IKE_DOWN, Status.IKE_DOWN)
    made(cast, "unbound", binding="cross")
    assert numbers(start(client)) == {
        "No tunnel is up": 1,
        "One tunnel is up: no redundancy": 1,
        "Both tunnels are up": 2,
        "Not negotiated": 1,
    }


def test_what_is_broken_since_when_and_why_the_newest_first(client: Client, cast: Cast) -> None:
    half, none = made(cast, "half"), made(cast, "none")
    play()
    set_status(half, Status.CHILD_UP, Status.CHILD_DOWN)
    set_status(none, Status.IKE_DOWN, Status.IKE_DOWN)
    now = timezone.now()
    for connection, index, cause, since in (
        (half, 2, "PfsMismatch", now - timedelta(hours=1)),
        (none, 1, "PreSharedKeyMismatch", now - timedelta(hours=3)),
        (none, 2, "PreSharedKeyMismatch", now - timedelta(hours=2)),
    ):
        runs = NegotiationRun.objects.filter(tunnel__connection=connection, tunnel__index=index)
        runs.update(status=Status.CHILD_UP, cause="")
        runs.update(status=Status.CHILD_DOWN, cause=cause, status_since=since)
    told = broken(start(client))
    assert [(row[1], row[2], row[4]) for row in told] == [
        ("half", "Tunnel 2", "PFS mismatch"),
        ("none", "Tunnel 2", "Pre-shared key mismatch"),
        ("none", "Tunnel 1", "Pre-shared key mismatch"),
    ]
    assert [row[0] for row in told] == sorted((row[0] for row in told), reverse=True)
    assert told[0][3] == "Phase 2 negotiations failed"
    assert told[0][5:] == ["edge-2 203.0.113.2", "China (Hangzhou)"]


def test_a_tunnel_that_is_up_and_carries_nothing_is_broken_too(client: Client, cast: Cast) -> None:
    connection = made(cast, "no bgp")
    play()
    runs = NegotiationRun.objects.filter(tunnel=tunnels_of(connection)[0])
    runs.update(bgp_status=BgpStatus.DOWN, cause="BgpSessionDown")
    assert [(row[1], row[4]) for row in broken(start(client))] == [("no bgp", "BGP session down")]
    assert numbers(start(client))["One tunnel is up: no redundancy"] == 1


def test_of_many_broken_ones_the_newest_are_shown_and_a_way_to_all(client: Client, cast: Cast) -> None:
    for number in range(SHOWN // 2 + 1):
        made(cast, f"nr {number}", binding="cross")
    NegotiationRun.objects.update(status=Status.IKE_DOWN)
    page = start(client)
    assert len(broken(page)) == SHOWN
    (way,) = (
        one for one in page.walk() if one.tag == "a" and one.text == "All connections that are not well"
    )
    assert way.attributes["href"] == "/connections/?where=all&state=troubled"


def test_the_picture_tells_what_it_shows_in_words(client: Client, ana: Actor, cast: Cast) -> None:
    made(cast, "here")
    made(cast_of(ana, region=SHANGHAI, block="10.251.0.0/24"), "there")
    page = start(client)
    assert by_id(page, "fleet-title").parent.attributes["role"] == "img"  # type: ignore[union-attr]
    words = "".join(str(one) for one in by_id(page, "fleet-desc").children)
    assert "2 connections" in words
    assert "China (Hangzhou): 1." in words
    assert "China (Shanghai): 1." in words


def test_regions_lead_to_their_lists(client: Client, cast: Cast) -> None:
    set_status(made(cast, "here"), Status.IKE_DOWN, Status.IKE_DOWN)
    page = start(client)
    assert by_id(page, "region-cn-hangzhou").attributes["href"] == "/connections/?region=cn-hangzhou"
    state = by_id(page, "state-cn-hangzhou-down")
    assert [row.name for row in client.get(state.attributes["href"]).context["page"].rows] == ["here"]


def test_strangers_things_are_not_counted(client: Client, cast: Cast, sam: Actor, client_of: Any) -> None:
    set_status(made(cast, "dc to cloud"), Status.IKE_DOWN, Status.IKE_DOWN)
    page = client_of(sam).get("/").content.decode()
    assert "Nothing here yet" in page
    assert "dc to cloud" not in page


def test_its_cost_does_not_grow(client: Client, cast: Cast, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        made(cast, f"nr {number}", binding="cross")
    NegotiationRun.objects.update(status=Status.IKE_DOWN)
    client.get("/")
    with django_assert_max_num_queries(BUDGET) as asked:
        client.get("/")
    assert not any('COUNT(*) AS "__count" FROM "connections' in one["sql"] for one in asked.captured_queries)


# Live


def poll(client: Client, page: Element) -> str:
    address = by_id(page, "pulse").attributes["hx-get"]
    answer = client.get(address, headers={"HX-Request": "true"})
    html = str(answer.content.decode())
    assert (answer.status_code, 'id="pulse"' in html) == (200, True)
    return html


def test_a_change_is_sent_once(client: Client, cast: Cast) -> None:
    connection = made(cast, "dc to cloud")
    play()
    page = start(client)
    assert 'id="overview"' not in poll(client, page)
    set_status(connection, Status.CHILD_UP, Status.IKE_DOWN)
    answer = poll(client, page)
    assert 'id="overview" hx-swap-oob="true"' in answer
    assert 'id="overview"' not in poll(client, read(answer))


def pulse(client: Client) -> str:
    return by_id(start(client), "pulse").text


def test_it_says_whether_the_worker_is_at_work(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No worker has reported yet" in pulse(client)
    cache.set(Part.WORKER.key, timezone.now().timestamp())
    assert "worker" not in pulse(client)
    gone = timezone.now() - timedelta(seconds=SILENT + 5)
    cache.set(Part.WORKER.key, gone.timestamp())
    assert f"The worker has not reported since {gone:%Y-%m-%d %H:%M:%S}" in pulse(client)


def test_it_says_that_the_broker_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def get(self, _key: str) -> None:
            raise ConnectionError

    monkeypatch.setattr("vpnconsole.heartbeats.cache", Away())
    assert "The broker is away" in pulse(client)
