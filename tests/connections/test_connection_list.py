"""The list of the chosen region: what it shows, finds, sorts and pages through, and what it costs."""

import re
import time
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import parse_qsl

import pytest
from connection_cast import SHANGHAI, Cast, cast_of, made, play, set_status, settled, tunnels_of
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.test import Client
from page_reader import by_id, read

from accounts.actor import Actor
from accounts.models import Account, Quota
from connections import listing, search
from connections.listing import PAGE_SIZE
from connections.models import IPsecConnection
from connections.services import unbind
from gateways.services import create_customer_gateway
from ipsec.algorithms import RoutingMode
from transit.models import VpnAttachment
from transit.services import create_cen, create_transit_router
from tunnels.models import BgpStatus, NegotiationRun, Status, Tunnel
from tunnels.operations import take_out_of_service
from vpnconsole.heartbeats import Part

pytestmark = [pytest.mark.database, pytest.mark.django_db]

LIST = "/connections/"
BUDGET = 8


def rows(client: Client, **query: str) -> list[list[str]]:
    """The cells of each row of the page."""
    page = read(client.get(LIST, query).content.decode())
    body = [element for element in page.walk() if element.tag == "tbody"]
    lines = [element for one in body for element in one.walk() if element.tag == "tr"]
    return [[cell.text for cell in line.walk() if cell.tag == "td"] for line in lines]


def names(client: Client, **query: str) -> list[str]:
    ids = {row.public_id: row.name for row in IPsecConnection.objects.all()}
    return [ids[public_id] for public_id in listed(client, **query)]


def listed(client: Client, **query: str) -> list[str]:
    return [row.public_id for row in client.get(LIST, query).context["page"].rows]


def walk(client: Client, **query: str) -> list[list[str]]:
    """All pages, each as its ids, by following the link to the next one."""
    pages, url = [], LIST + "?" + "&".join(f"{name}={value}" for name, value in query.items())
    while url:
        response = client.get(url)
        pages.append([row.public_id for row in response.context["page"].rows])
        links = [one for one in read(response.content.decode()).walk() if one.attributes.get("rel") == "next"]
        url = LIST + links[0].attributes["href"] if links else ""
    return pages


def test_a_row_tells_all(client: Client, cast: Cast) -> None:
    connection = made(cast, "dc to cloud")
    play()
    ((identity, health, states, devices, bound, mode, when, actions),) = rows(client)
    assert identity == f"{connection.public_id}dc to cloud"
    assert bound == f"Attached {cast.router.public_id}"
    assert mode == "Destination Routing ModePublic · BGP Off"
    assert health == "Both tunnels are up"
    assert states == "Tunnel 1 Phase 2 negotiations succeededTunnel 2 Phase 2 negotiations succeeded"
    assert devices == "edge-1 203.0.113.1edge-2 203.0.113.2"
    assert when == connection.created_at.strftime("%Y-%m-%d %H:%M:%S")
    assert actions == "Generate Peer Configuration Edit Delete"


def test_a_name_is_text_whatever_it_looks_like(client: Client, cast: Cast) -> None:
    for name in ("<script>x</script>", "{id} {0} {", "a&amp;b", "'\""):
        IPsecConnection.objects.filter(pk=made(cast, "dc to cloud").pk).update(name=name)
        assert rows(client)[0][0].endswith(name)
        assert "<script>x" not in client.get(LIST).content.decode()


def test_an_unbound_connection_says_so(client: Client, cast: Cast) -> None:
    made(cast, "waiting", binding="cross")
    row = rows(client)[0]
    assert row[4] == "Not bound"
    assert row[1] == "Not negotiated"
    why = "Not negotiated Not bound to a transit router"
    assert row[2] == f"Tunnel 1 {why}Tunnel 2 {why}"


def test_a_viewer_is_offered_nothing_to_write(cast: Cast, vera: Actor, client_of: Any) -> None:
    made(cast, "dc to cloud")
    page = client_of(vera).get(LIST).content.decode()
    assert "Generate Peer Configuration" in page
    assert "/delete/" not in page
    assert "Bind CEN" not in page


def test_an_empty_region_says_what_to_do(client: Client, vera: Actor, client_of: Any) -> None:
    page = client.get(LIST).content.decode()
    assert "No IPsec connection in this region yet" in page
    assert page.count('href="/connections/new/"') == 2
    assert 'href="/connections/new/"' not in client_of(vera).get(LIST).content.decode()


def test_only_the_chosen_region_is_listed(client: Client, ana: Actor, cast: Cast) -> None:
    made(cast, "here")
    made(cast_of(ana, region=SHANGHAI, block="10.251.0.0/24"), "there")
    assert names(client) == ["here"]
    assert names(client, region=SHANGHAI) == ["there"]
    assert names(client) == ["there"], "the region stays chosen"


def test_a_stranger_sees_nothing(cast: Cast, sam: Actor, client_of: Any) -> None:
    connection = made(cast, "dc to cloud")
    browser = client_of(sam)
    for query in ({}, {"q": "dc"}, {"q": connection.public_id}, {"after": connection.public_id}):
        assert listed(browser, **query) == []
    assert connection.public_id not in browser.get(f"{LIST}rows/", {"of": "cn-hangzhou"}).content.decode()


# Search


def test_everything_by_which_a_connection_is_known_finds_it(client: Client, ana: Actor, cast: Cast) -> None:
    wanted = made(cast, "Data Centre West")
    devices = [
        create_customer_gateway(
            actor=ana, region="cn-hangzhou", name="unrelated", address=f"198.51.100.{host}"
        )
        for host in (1, 2)
    ]
    made(replace(cast, devices=(devices[0], devices[1])), "Office East")
    first, _second = tunnels_of(wanted)
    known_by = (
        "data centre",
        "WEST",
        wanted.public_id,
        wanted.public_id[:12],
        first.public_id,
        first.gateway_address or "",
        cast.devices[0].public_id,
        "edge-2",
        "203.0.113.2",
        "203.0.",
    )
    for text in known_by:
        assert listed(client, q=text) == [wanted.public_id], text
        assert listed(client, q=f"  {text} ") == [wanted.public_id], text
    for text in ("north", "vco-nobody", "%", "_", "203.0.113.77", "198.18.9"):
        assert listed(client, q=text) == [], text


def test_an_unbound_connection_is_not_found_by_a_gateway_address(client: Client, cast: Cast) -> None:
    made(cast, "waiting", binding="cross")
    assert listed(client, q="198.18.0.1") == []


def test_a_device_of_both_tunnels_finds_its_connection_once(client: Client, cast: Cast) -> None:
    connection = made(cast, "both")
    Tunnel.objects.update(customer_gateway=cast.devices[0])
    assert listed(client, q="edge-1") == [connection.public_id]


def test_nothing_found_offers_to_clear_the_filter(client: Client, cast: Cast) -> None:
    made(cast, "dc to cloud")
    page = client.get(LIST, {"q": "no such thing"}).content.decode()
    assert "Nothing matches" in page
    assert page.count("Clear the filter") >= 2


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"q": "no such thing"}, "or look in all regions"),
        ({"q": "no such thing", "where": "all"}, "fits the search in any region"),
        ({"q": "198"}, "Type the dot after it"),
        ({"q": "300"}, "or look in all regions"),
        ({"state": "down"}, "or look in all regions"),
    ],
)
def test_nothing_found_says_where_was_looked(
    client: Client, cast: Cast, query: dict[str, str], said: str
) -> None:
    made(cast, "dc to cloud")
    assert said in client.get(LIST, query).content.decode()
    assert listed(client, q="198.") != []


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "'; --", "x" * 5000, "\ud83d\ude00", "100%"])
def test_odd_searches_find_nothing_and_break_nothing(client: Client, cast: Cast, text: str) -> None:
    made(cast, "dc to cloud")
    assert client.get(LIST, {"q": text.encode("utf-16", "surrogatepass").decode("utf-16")}).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"state": "nonsense"},
        {"sort": "nonsense"},
        {"after": "nonsense"},
        {"after": "\x00"},
        {"region": "\x00"},
    ],
)
def test_an_address_that_means_nothing_shows_the_list(
    client: Client, cast: Cast, query: dict[str, str]
) -> None:
    made(cast, "dc to cloud")
    assert names(client, **query) == ["dc to cloud"]


# States


def test_each_state_filter_shows_its_own(client: Client, cast: Cast) -> None:
    up, down, none = Status.CHILD_UP, Status.CHILD_DOWN, Status.NOT_NEGOTIATED
    for name, statuses in {
        "both": (up, up),
        "first": (up, down),
        "second": (none, up),
        "neither": (down, Status.IKE_DOWN),
        "half way": (Status.IKE_UP, none),
        "silent": (none, none),
    }.items():
        set_status(made(cast, name), *statuses)

    assert names(client, state="up") == ["both"]
    assert names(client, state="degraded") == ["second", "first"]
    assert names(client, state="down") == ["half way", "neither"]
    assert names(client, state="idle") == ["silent"]
    assert names(client, state="troubled") == ["half way", "neither", "second", "first"]


def test_a_tunnel_that_is_out_of_service_makes_no_connection_broken(
    client: Client, ana: Actor, cast: Cast
) -> None:
    connection = made(cast, "planned work")
    play()
    for tunnel in tunnels_of(connection):
        take_out_of_service(actor=ana, tunnel=tunnel)
    assert names(client, state="drained") == ["planned work"]
    assert names(client, state="troubled") == []


def test_each_further_filter_shows_its_own(client: Client, ana: Actor, cast: Cast) -> None:
    other = create_cen(actor=ana, name="second backbone")
    router = create_transit_router(actor=ana, cen=other, region="cn-hangzhou")
    made(cast, "plain")
    flows = made(
        cast,
        "flows",
        routing_mode=RoutingMode.POLICY,
        local_networks=("10.1.0.0/16",),
        remote_networks=("10.2.0.0/16",),
    )
    made(replace(cast, cen=other, router=router, devices=(cast.lone, cast.lone)), "elsewhere")
    IPsecConnection.objects.filter(name="plain").update(bgp_enabled=True)
    set_status(flows, Status.CHILD_DOWN, Status.CHILD_UP)
    runs = NegotiationRun.objects.filter(tunnel__connection=flows)
    runs.filter(status=Status.CHILD_DOWN).update(cause="PfsMismatch")
    runs.filter(status=Status.CHILD_UP).update(bgp_status=BgpStatus.DOWN)

    assert names(client, phase=Status.CHILD_DOWN) == ["flows"]
    assert names(client, cause="PfsMismatch") == ["flows"]
    assert names(client, cause="PreSharedKeyMismatch") == []
    assert names(client, cen=other.public_id) == ["elsewhere"]
    assert names(client, cen="cen-nobody") == []
    for gateway in (cast.lone.public_id, "lone", "203.0.113.9"):
        assert names(client, gateway=gateway) == ["elsewhere"], gateway
    assert names(client, gateway="203.0.113") == []
    assert names(client, mode="policy") == ["flows"]
    assert names(client, bgp="on") == ["plain"]
    assert names(client, bgp="off") == ["elsewhere", "flows"]
    assert names(client, bgp="down") == ["flows"]
    assert names(client, mode="policy", bgp="on") == []


def test_nobody_elses_cens_and_gateways_are_filtered_by(
    client: Client, cast: Cast, sam: Actor, client_of: Any
) -> None:
    made(cast, "dc to cloud")
    for query in ({"cen": cast.cen.public_id}, {"gateway": "edge-1"}, {"q": "198.18.0.1"}, {"where": "all"}):
        assert names(client, **query) == ["dc to cloud"]
        assert listed(client_of(sam), **query) == []


def test_all_regions_at_once(client: Client, ana: Actor, cast: Cast) -> None:
    made(cast, "here")
    made(cast_of(ana, region=SHANGHAI, block="10.251.0.0/24"), "there")
    assert names(client, where="all") == ["there", "here"]
    assert names(client, where="all", sort="name") == ["here", "there"]
    told = [row[0] for row in rows(client, where="all")]
    assert "thereChina (Shanghai)" in told[0]
    assert "hereChina (Hangzhou)" in told[1]
    assert names(client, where="all", q="there") == ["there"]
    assert names(client) == ["here"]


# Sorting and pages


@pytest.fixture
def many(ana: Actor, cast: Cast) -> list[str]:
    """More than two pages, names in threes alike; their ids in the order they were created in."""
    Quota.objects.filter(account=ana.account).update(limit=1000)
    return [
        made(cast, f"name {number % 15:02}", binding="cross").public_id for number in range(2 * PAGE_SIZE + 5)
    ]


def test_the_newest_comes_first_unless_the_oldest_is_asked_for(client: Client, many: list[str]) -> None:
    assert walk(client)[0] == many[::-1][:PAGE_SIZE]
    assert walk(client, sort="created")[0] == many[:PAGE_SIZE]


@pytest.mark.parametrize("sort", ["-created", "created", "name", "-name"])
def test_pages_hold_everything_once_in_order(client: Client, many: list[str], sort: str) -> None:
    pages = walk(client, sort=sort)
    assert [len(page) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 5]
    name = {row.public_id: row.name for row in IPsecConnection.objects.all()}
    order = {public_id: number for number, public_id in enumerate(many)}
    by_name = (lambda one: (name[one], order[one])) if "name" in sort else order.__getitem__
    everything = [public_id for page in pages for public_id in page]
    assert everything == sorted(many, key=by_name, reverse=sort.startswith("-"))


def test_pages_stay_in_place_while_rows_come_and_go(client: Client, cast: Cast, many: list[str]) -> None:
    first = client.get(LIST)
    shown = [row.public_id for row in first.context["page"].rows]
    made(cast, "newer", binding="cross")
    IPsecConnection.objects.filter(public_id=shown[0]).delete()
    second = listed(client, after=first.context["page"].next_after)
    assert second == many[::-1][PAGE_SIZE : 2 * PAGE_SIZE]


@pytest.mark.parametrize("sort", ["-created", "created", "name", "-name"])
def test_the_way_back_is_the_way_there(client: Client, many: list[str], sort: str) -> None:
    there = walk(client, sort=sort)
    last = client.get(LIST, {"sort": sort, "after": there[1][-1]})
    assert follow(client, last, "prev") == [there[1], there[0]]


def follow(client: Client, response: Any, rel: str) -> list[list[str]]:
    """The pages that a link of this kind leads to, one after the other."""
    pages: list[list[str]] = []
    while True:
        links = [one for one in read(response.content.decode()).walk() if one.attributes.get("rel") == rel]
        if not links:
            return pages
        response = client.get(LIST + links[0].attributes["href"])
        pages.append([row.public_id for row in response.context["page"].rows])


def test_a_page_can_be_longer(client: Client, many: list[str]) -> None:
    assert len(listed(client, size="50")) == len(many)
    assert len(listed(client, size="7")) == PAGE_SIZE


# Counts


def counted(client: Client, **query: str) -> str:
    page = read(client.get(LIST, query).content.decode())
    return "".join(one.text for one in page.walk() if "count" in one.attributes.get("class", "").split())


def test_it_says_how_many_there_are(
    client: Client, many: list[str], monkeypatch: pytest.MonkeyPatch, ana: Actor
) -> None:
    assert counted(client) == f"{len(many)} connections"
    assert counted(client, state="idle") == f"{len(many)} connections"
    assert counted(client, q=many[0]) == "1 connection"
    assert counted(client, q="name") == f"{len(many)} connections"
    monkeypatch.setattr(search, "FEW", 10)
    assert counted(client, q="name") == f"{len(many)} connections"
    monkeypatch.setattr(listing, "COUNTED", 30)
    assert counted(client, q="name") == "More than 30 connections"
    assert counted(client) == f"{len(many)} connections", "the tallies know"
    assert counted(client, where="all") == f"{len(many)} connections"


def test_search_filter_and_sort_stay_on_the_next_page(client: Client, many: list[str]) -> None:
    pages = walk(client, q="edge", state="idle", sort="name")
    assert sum(map(len, pages)) == len(many)
    page = client.get(LIST, {"q": "edge", "state": "idle", "sort": "name", "after": pages[0][-1]})
    tree = read(page.content.decode())
    assert by_id(tree, "q").attributes["value"] == "edge"
    for select, value in (("state", "idle"), ("sort", "name")):
        chosen = [one for one in by_id(tree, select).walk() if "selected" in one.attributes]
        assert [option.attributes["value"] for option in chosen] == [value]


# Live


def poll(client: Client, page: str) -> str:
    """What the open page asks for by itself."""
    address = by_id(read(page), "pulse").attributes["hx-get"]
    answer = client.get(address, headers={"HX-Request": "true"})
    html = str(answer.content.decode())
    assert (answer.status_code, 'id="pulse"' in html) == (200, True)
    return html


def interval(page: str) -> int:
    """Seconds until the page asks again."""
    return int(by_id(read(page), "pulse").attributes["hx-trigger"].split("s")[0].removeprefix("every "))


ROWS = 'id="connection-rows"'
"""What stands in an answer that has the rows in it."""


def test_nothing_is_sent_while_nothing_has_changed(client: Client, cast: Cast) -> None:
    made(cast, "dc to cloud")
    page = client.get(LIST).content.decode()
    answer = poll(client, page)
    assert ROWS not in answer
    assert len(answer) < 2000


def test_a_change_is_sent_and_then_nothing_again(client: Client, cast: Cast) -> None:
    made(cast, "dc to cloud")
    page = client.get(LIST).content.decode()
    play()
    answer = poll(client, page)
    assert ROWS in answer
    assert answer.count("Phase 2 negotiations succeeded") == 2
    assert ROWS not in poll(client, answer)


def test_every_change_that_a_row_shows_is_sent(client: Client, ana: Actor, cast: Cast) -> None:
    connection = made(cast, "dc to cloud")
    changes: list[Any] = [
        lambda: unbind(actor=ana, connection=connection),
        settled,
        lambda: IPsecConnection.objects.update(name="another"),
        lambda: Tunnel.objects.filter(index=1).update(customer_gateway=cast.lone),
        lambda: made(cast, "second"),
        lambda: IPsecConnection.objects.filter(name="another").delete(),
    ]
    for change in changes:
        page = client.get(LIST).content.decode()
        change()
        assert ROWS in poll(client, page), change


def test_an_open_page_stays_with_its_region_and_its_search(client: Client, ana: Actor, cast: Cast) -> None:
    """Another tab may look at another region: neither pulls the other along."""
    made(cast, "here")
    made(cast_of(ana, region=SHANGHAI, block="10.251.0.0/24"), "there")
    page = client.get(LIST, {"region": "cn-hangzhou", "q": "here"}).content.decode()
    client.get(LIST, {"region": SHANGHAI})
    assert ROWS not in poll(client, page)
    assert names(client) == ["there"]


def test_when_rows_come_or_go_all_that_is_found_is_renewed_and_counted(client: Client, cast: Cast) -> None:
    set_status(made(cast, "first"), Status.CHILD_DOWN, Status.CHILD_DOWN)
    second = made(cast, "second")
    set_status(second, Status.CHILD_DOWN, Status.CHILD_DOWN)
    page = client.get(LIST, {"state": "down"}).content.decode()
    assert by_id(read(page), "count").text == "2 connections"

    set_status(second, Status.CHILD_UP, Status.CHILD_UP)
    one = renewed(client, page)
    assert (by_id(read(one), "count").text, one.count("<tr>")) == ("1 connection", 2)
    assert ROWS not in poll(client, one)

    set_status(made(cast, "third"), Status.CHILD_DOWN, Status.CHILD_DOWN)
    IPsecConnection.objects.filter(name="first").update(name="renamed")
    two = renewed(client, one)
    assert (by_id(read(two), "count").text, two.count("<tr>")) == ("2 connections", 3)

    set_status(IPsecConnection.objects.get(name="third"), Status.CHILD_UP, Status.CHILD_UP)
    set_status(IPsecConnection.objects.get(name="renamed"), Status.CHILD_UP, Status.CHILD_UP)
    none = renewed(client, two)
    assert (by_id(read(none), "count").text, "Nothing matches" in none) == ("", True)
    assert "Nothing matches" not in poll(client, none)

    set_status(second, Status.CHILD_DOWN, Status.CHILD_DOWN)
    assert "second" in renewed(client, none)


def renewed(client: Client, page: str) -> str:
    """What the open page asks for by itself, if that is to stand in the place of all that is found."""
    answer = client.get(by_id(read(page), "pulse").attributes["hx-get"], headers={"HX-Request": "true"})
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#found", "innerHTML")
    html = str(answer.content.decode())
    assert ('id="pulse"' in html, '<p class="count faint" id="count"' in html) == (True, True)
    assert (html.count("hx-swap-oob"), "save-filter" in html) == (1, False), "what is typed there stays"
    return html


def test_an_empty_list_fills_by_itself(client: Client, cast: Cast) -> None:
    page = client.get(LIST).content.decode()
    assert "Nothing matches" not in poll(client, page)
    made(cast, "dc to cloud")
    assert "dc to cloud" in renewed(client, page)


def test_the_pager_follows_and_leads_to_pages_of_the_list(
    client: Client, cast: Cast, many: list[str]
) -> None:
    page = client.get(LIST, {"size": "50", "q": "edge"}).content.decode()
    assert 'rel="next"' not in page
    for number in range(10):
        made(cast, f"more {number}", binding="cross")
    answer = renewed(client, page)
    (later,) = re.findall(r'href="(\?[^"]+)" rel="next"', answer)
    asked = dict(parse_qsl(unescape(later[1:])))
    assert set(asked) == {"size", "q", "after"}
    assert len(listed(client, **asked)) == 5


def test_a_change_of_state_alone_leaves_what_stands_around_the_rows(client: Client, cast: Cast) -> None:
    made(cast, "dc to cloud")
    page = client.get(LIST, {"where": "all"}).content.decode()
    play()
    answer = poll(client, page)
    assert (ROWS in answer, 'id="count"' in answer) == (True, False)


@pytest.mark.parametrize(
    "query", [{}, {"q": "edge", "state": "idle", "sort": "name"}], ids=["all", "filtered"]
)
def test_what_is_renewed_costs_few_queries(
    client: Client, many: list[str], query: dict[str, str], django_assert_max_num_queries: Any
) -> None:
    page = client.get(LIST, query).content.decode()
    IPsecConnection.objects.filter(public_id__in=[many[0], many[-1]]).delete()
    with django_assert_max_num_queries(BUDGET):
        renewed(client, page)


def test_a_page_at_rest_asks_ever_less_often(client: Client, cast: Cast) -> None:
    made(cast, "dc to cloud")
    page = client.get(LIST).content.decode()
    assert interval(page) == 2
    play()
    cache.set(Part.WORKER.key, time.time())
    asked = []
    for _ in range(8):
        page = poll(client, page)
        asked.append(interval(page))
    assert asked == [5, 10, 10, 20, 30, 60, 60, 60]
    NegotiationRun.objects.update(version=F("version") + 1, negotiating=True)
    page = poll(client, page)
    assert ROWS in page
    assert interval(page) == 2


def test_a_page_that_nobody_keeps_true_soon_says_that_somebody_does_again(client: Client, cast: Cast) -> None:
    made(cast, "dc to cloud")
    play()
    page = client.get(LIST).content.decode()
    for _ in range(8):
        page = poll(client, page)
    assert ("No worker has reported yet" in page, interval(page)) == (True, 10)
    cache.set(Part.WORKER.key, time.time())
    page = poll(client, page)
    assert ("No worker" in page, interval(page)) == (False, 60)


def test_a_page_that_waits_in_vain_does_not_ask_so_often_for_ever(client: Client, cast: Cast) -> None:
    made(cast, "dc to cloud")
    page = client.get(LIST).content.decode()
    for _ in range(20):
        page = poll(client, page)
    assert interval(page) > 2


# Costs


@pytest.mark.parametrize("query", [{}, {"q": "edge"}, {"where": "all"}, {"state": "troubled"}])
def test_a_first_page_costs_few_queries(
    client: Client, many: list[str], query: dict[str, str], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6 if "state" not in query else 7):
        client.get(LIST, query)


def test_filters_by_what_they_name_cost_a_query_each(
    client: Client, cast: Cast, many: list[str], django_assert_max_num_queries: Any
) -> None:
    bound = IPsecConnection.objects.filter(public_id__in=many)
    VpnAttachment.objects.bulk_create(
        VpnAttachment(transit_router=cast.router, connection=one) for one in bound
    )
    query = {"cen": cast.router.cen.public_id, "gateway": cast.devices[0].public_id}
    with django_assert_max_num_queries(BUDGET):
        page = client.get(LIST, query).context["page"]
    assert len(page.rows) == PAGE_SIZE


@pytest.mark.parametrize("sort", ["-created", "created"])
def test_what_goes_while_a_search_is_answered_is_missing_and_nothing_else(
    client: Client, many: list[str], sort: str
) -> None:
    wanted = listed(client, q="edge", sort=sort)
    gone = IPsecConnection.objects.get(public_id=wanted[3])

    def gone_once_found(execute: Any, sql: str, *rest: Any) -> Any:
        found = execute(sql, *rest)
        if "connections_searchtext" in sql:
            IPsecConnection.objects.filter(pk=gone.pk).update(account=Account.objects.create(name="other"))
        return found

    with connection.execute_wrapper(gone_once_found):
        page = client.get(LIST, {"q": "edge", "sort": sort}).context["page"]
    assert [row.public_id for row in page.rows][:10] == [*wanted[:3], *wanted[4:11]]
    assert page.next_after


@pytest.mark.parametrize(
    "query", [{}, {"q": "edge", "state": "idle", "sort": "name"}], ids=["all", "filtered"]
)
def test_few_queries_however_many_rows(
    client: Client, many: list[str], query: dict[str, str], django_assert_max_num_queries: Any
) -> None:
    after = client.get(LIST, query).context["page"].next_after
    with django_assert_max_num_queries(BUDGET):
        response = client.get(LIST, {**query, "after": after})
    assert len(response.context["page"].rows) == PAGE_SIZE


def test_one_row_costs_what_a_page_costs(
    client: Client, cast: Cast, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    made(cast, "one")
    client.get(LIST)
    with django_assert_max_num_queries(BUDGET) as one:
        client.get(LIST)
    for number in range(PAGE_SIZE - 1):
        made(cast, f"nr {number}")
    with django_assert_num_queries(len(one.captured_queries)):
        client.get(LIST)


def test_no_secret_is_read_for_the_list(
    client: Client, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    made(cast, "dc to cloud")
    with django_assert_max_num_queries(BUDGET) as asked:
        client.get(LIST)
    for secret in ('"tunnels_tunnel"."psk"', '"auth_key"', '"tunnels_peerdevice"."psk"', '"transcript"'):
        assert not any(secret in query["sql"].partition(" FROM ")[0] for query in asked.captured_queries), (
            secret
        )


# As it is typed


def test_what_is_typed_is_answered_with_what_it_finds_and_where_that_is(client: Client, cast: Cast) -> None:
    made(cast, "dc to cloud")
    made(cast, "branch")
    typed = {"q": "cloud", "state": "", "sort": "-created", "size": "20", "of": "cn-hangzhou"}
    answer = client.get(f"{LIST}found/", typed, headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert (part.count("<tr>"), "dc to cloud" in part, "branch" in part) == (2, True, False)
    assert "<html" not in part
    assert answer["HX-Replace-Url"] == f"{LIST}?q=cloud"
    assert 'value="q=cloud"' in part, "that is what would be saved as a filter"
    whole = client.get(answer["HX-Replace-Url"]).content.decode()
    rows = "".join(part.partition("<tbody")[2].partition("</tbody>")[0].split())
    assert rows in "".join(whole.split())


def test_it_is_looked_for_where_the_open_page_is(client: Client, cast: Cast) -> None:
    """Another tab may have gone to another region meanwhile."""
    made(cast, "dc to cloud")
    client.get(LIST, {"region": "eu-central-1"})
    assert "dc to cloud" in client.get(f"{LIST}found/", {"q": "dc", "of": "cn-hangzhou"}).content.decode()
    assert (
        "dc to cloud" not in client.get(f"{LIST}found/", {"q": "dc", "of": "eu-central-1"}).content.decode()
    )


def test_the_pages_of_what_is_found_are_pages_of_the_list(client: Client, cast: Cast) -> None:
    for number in range(21):
        made(cast, f"dc {number}")
    part = client.get(f"{LIST}found/", {"q": "dc", "of": "cn-hangzhou"}).content.decode()
    (later,) = re.findall(r'href="(\?q=dc&amp;after=[^"]+)" rel="next"', part)
    assert len(listed(client, **dict(parse_qsl(unescape(later[1:]))))) == 1
