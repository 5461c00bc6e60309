"""The tunnel page, its live part and its forms, as people with each role meet them."""

import re
import time
from collections.abc import Callable
from html import unescape

import pytest
from django.core.cache import cache
from django.db import connection as database
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tunnel_rows import Watch, connection_of, ring, run_of, set_device, started, stop_clock, tunnel_of

from accounts.actor import Actor
from tunnels.models import Tunnel, TunnelEvent
from tunnels.operations import set_clock_speed, take_out_of_service
from tunnels.queries import connection_version, events_of, tunnels_of
from tunnels.services import reset, start_negotiation, unbind_tunnel
from tunnels.urls import urlpatterns
from vpnconsole.heartbeats import Part

pytestmark = [pytest.mark.database, pytest.mark.django_db]

ClientOf = Callable[[Actor], Client]
POSTED = (
    "reveal",
    "reset",
    "traffic",
    "peer",
    "gateway-address",
    "rekey",
    "service",
    "clock",
    "test",
    "device-mirror",
    "device-take",
    "device-fault",
    "device-repair",
)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def url_of(name: str, tunnel: Tunnel) -> str:
    more = [tunnel.events.first().permalink] if name == "event" else []  # type: ignore[union-attr]
    return reverse(f"tunnels:{name}", args=[tunnel.public_id, *more])


def page_of(client: Client, name: str, tunnel: Tunnel, query: str = "") -> str:
    answer = client.get(url_of(name, tunnel) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def seen_in(html: str) -> str:
    """What the page has seen, as its pulse says."""
    (found,) = set(re.findall(r"[?&;]seen=([^&\"]+)", html))
    return str(found)


def asked_by(html: str) -> str:
    """What the page asks its address for, as its pulse says."""
    (found,) = set(re.findall(r'hx-get="[^"]+(\?[^"]+)"', html))
    return unescape(str(found))


def test_a_stranger_finds_nothing_at_any_address(
    ana: Actor, sam: Actor, watch: Watch, client_of: ClientOf
) -> None:
    tunnel = started(ana)
    stranger = client_of(sam)
    names = [pattern.name for pattern in urlpatterns]
    assert set(POSTED) < set(names)
    for name in names:
        url = url_of(str(name), tunnel)
        answers = [stranger.post(url), stranger.post(url, headers={"HX-Request": "true"})]
        if name not in POSTED:
            answers = [stranger.get(url), stranger.get(url, headers={"HX-Request": "true"})]
        assert [answer.status_code for answer in answers] == [404, 404], name
    assert run_of(tunnel).version == 1


def test_nobody_sees_anything_without_signing_in(ana: Actor) -> None:
    tunnel = started(ana)
    for pattern in urlpatterns:
        answer = Client().post(url_of(str(pattern.name), tunnel))
        assert answer.status_code in (302, 405), pattern.name


def test_a_viewer_looks_and_cannot_act(ana: Actor, vera: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = started(ana)
    client = client_of(vera)
    page = page_of(client, "detail", tunnel)
    for name in POSTED:
        assert url_of(name, tunnel) not in page
        assert client.post(url_of(name, tunnel)).status_code == 403
    assert "Your role may look, not change." in page
    assert run_of(tunnel).version == 1


def test_the_page_says_where_it_stands_and_why(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = started(ana, device={"psk": "x"})
    ring(watch)
    ring(watch, 1)
    page = page_of(client_of(ana), "detail", tunnel)
    for text in (
        "Phase 1 negotiations failed",
        "Pre-shared key mismatch",
        "AUTHENTICATION_FAILED",
        "Next attempt",
    ):
        assert text in page
    assert "simulated peer: edited" in page


def test_why_it_failed_comes_first_and_then_what_would_be_hit_next(
    ana: Actor, watch: Watch, client_of: ClientOf
) -> None:
    device = {"ike_proposals": [["des", "sha1", "group2"]], "psk": "another", "local_id": "box.example.com"}
    tunnel = started(ana, device=device)
    ring(watch)
    ring(watch, 1)
    page = page_of(client_of(ana), "detail", tunnel)
    why, then = page.index('id="why"'), page.index("you would hit next")
    assert page.index("Connection Status") < why < then < page.index("Reach the device")
    assert page.index("Encryption algorithm mismatch") < then
    assert then < page.index("Peer identifier mismatch") < page.index("Pre-shared key mismatch")
    assert "another" not in page


def test_the_configuration_shows_defaults_as_defaults(ana: Actor, client_of: ClientOf) -> None:
    tunnel = tunnel_of(ana)
    page = page_of(client_of(ana), "detail", tunnel)
    assert page.count('class="tag">default') == 3  # LocalId, RemoteId, local BGP address
    Tunnel.objects.filter(pk=tunnel.pk).update(local_id="cloud.example", local_bgp_ip="169.254.11.2")
    page = page_of(client_of(ana), "detail", tunnel)
    assert page.count('class="tag">default') == 1
    assert "cloud.example" in page


def test_an_unbound_tunnel_has_a_page(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = tunnel_of(ana)
    unbind_tunnel(tunnel=tunnel)
    page = page_of(client_of(ana), "detail", tunnel)
    assert "Not bound to a transit router" in page
    assert url_of("reset", tunnel) not in page


def test_the_live_part_is_silent_until_something_changes(
    ana: Actor, watch: Watch, client_of: ClientOf
) -> None:
    tunnel = started(ana)
    client = client_of(ana)
    seen = seen_in(page_of(client, "detail", tunnel))
    silent = page_of(client, "live", tunnel, f"?seen={seen}")
    assert ("Last checked" in silent, "tunnel-live" in silent) == (True, False)
    ring(watch)
    fragment = page_of(client, "live", tunnel, f"?seen={seen}")
    assert "tunnel-live" in fragment
    assert seen_in(fragment) != seen
    assert "<html" not in fragment
    assert 'id="tunnel-actions" hx-swap-oob="true"' in fragment, "an IKE SA is there: it can be rekeyed"
    ring(watch, 5)
    fragment = page_of(client, "live", tunnel, asked_by(fragment))
    assert ("tunnel-live" in fragment, "<form" in fragment) == (True, False), "what is offered is the same"


def test_the_live_part_follows_the_other_tunnel_too(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    """Whether this one carries all traffic hangs on it, and so does what taking it out of service means."""
    first, second = connection_of(ana).tunnels.order_by("index")
    for tunnel in (first, second):
        start_negotiation(tunnel=tunnel, because="created")
    ring(watch)
    ring(watch, 5)
    client = client_of(ana)
    page = page_of(client, "detail", first)
    assert "all traffic goes through the other tunnel" in page
    set_device(second, powered_on=False)
    reset(actor=ana, tunnel=second)
    ring(watch, 1)
    fragment = page_of(client, "live", first, f"?seen={seen_in(page)}")
    assert "Carries all traffic: the other tunnel does not" in fragment
    assert "the connection carries no traffic until it is put back" in fragment


def test_the_buttons_follow_what_becomes_of_the_tunnel(
    omar: Actor, ana: Actor, watch: Watch, client_of: ClientOf
) -> None:
    tunnel = started(omar)
    client = client_of(omar)
    page = page_of(client, "detail", tunnel)
    assert url_of("rekey", tunnel) not in page
    ring(watch)
    ring(watch, 5)
    up = page_of(client, "live", tunnel, asked_by(page))
    assert (url_of("rekey", tunnel) in up, "Take out of service" in up) == (True, True)
    assert url_of("test", tunnel) not in up, "what is typed there stays"
    take_out_of_service(actor=ana, tunnel=tunnel)
    out = page_of(client, "live", tunnel, asked_by(up))
    assert (url_of("rekey", tunnel) in out, url_of("reset", tunnel) in out) == (False, False)
    assert ("Take out of service" in out, "Put back into service" in out) == (False, True)
    assert out.count('id="without-it"') == 1
    set_clock_speed(actor=ana, tunnel=tunnel, speed=60)
    fast = page_of(client, "live", tunnel, asked_by(out))
    assert re.search(r'id="speed-60"[^>]* disabled', fast)


def test_a_viewers_page_gets_no_buttons(ana: Actor, vera: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = started(ana)
    page = page_of(client_of(vera), "detail", tunnel)
    ring(watch)
    ring(watch, 5)
    assert "<form" not in page_of(client_of(vera), "live", tunnel, asked_by(page))


def test_whatever_is_drawn_anew_can_be_found_again_by_the_focus(
    ana: Actor, watch: Watch, client_of: ClientOf
) -> None:
    for device in ({}, {"psk": "x"}, {"child_proposals": [["3des", "md5", "group1"]]}):
        tunnel = started(ana, device=device)
        ring(watch)
        ring(watch, 5)
        client = client_of(ana)
        connection = reverse("connections:live", args=[tunnel.connection.public_id])
        for part in (page_of(client, "live", tunnel), client.get(connection).content.decode()):
            focusable = re.findall(r"<(?:a|button|div [^>]*tabindex)\b[^>]*>", part)
            ids = [re.search(r' id="([^"]+)"', one) for one in focusable]
            assert all(ids), [one for one, found in zip(focusable, ids, strict=True) if not found]
            found = re.findall(r' id="([^"]+)"', part)
            assert len(found) == len(set(found))


def test_it_looks_often_while_something_is_under_way_and_seldom_at_rest(
    ana: Actor, watch: Watch, client_of: ClientOf
) -> None:
    tunnel = started(ana)
    client = client_of(ana)
    assert 'hx-trigger="every 2s,' in page_of(client, "detail", tunnel)
    ring(watch)
    ring(watch, 5)
    page = page_of(client, "live", tunnel)
    assert 'hx-trigger="every 5s,' in page
    cache.set(Part.WORKER.key, time.time())
    at_rest = page_of(client, "live", tunnel, f"?seen={seen_in(page)}&calm=4")
    assert 'hx-trigger="every 60s,' in at_rest


DONE = {
    "reset": "The tunnel was reset.",
    "traffic": "Traffic was sent into the tunnel.",
    "peer": "The simulated peer was changed.",
    "gateway-address": "The gateway IP address is set.",
}


@pytest.mark.parametrize("name", DONE)
def test_actions_lead_back_to_the_page(omar: Actor, watch: Watch, client_of: ClientOf, name: str) -> None:
    tunnel = started(omar)
    before = run_of(tunnel).attempt
    data = {"configured": "0", "gateway_address": "47.98.0.10"}
    answer = client_of(omar).post(url_of(name, tunnel), data, follow=True)
    assert answer.redirect_chain == [(url_of("detail", tunnel), 302)]
    assert DONE[name] in answer.content.decode()
    assert run_of(tunnel).attempt != before


def test_the_button_for_traffic_is_there_while_it_is_waited_for(
    omar: Actor, watch: Watch, client_of: ClientOf
) -> None:
    tunnel = started(omar, effect_immediately=False)
    client = client_of(omar)
    assert url_of("traffic", tunnel) in page_of(client, "detail", tunnel)
    client.post(url_of("traffic", tunnel))
    assert url_of("traffic", tunnel) not in page_of(client, "detail", tunnel)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "Type the gateway IP address."), ("300.1.1.1", "300.1.1.1"), ("127.0.0.1", "127.0.0.0/8")],
)
def test_a_wrong_address_comes_back_with_the_reason(
    omar: Actor, watch: Watch, client_of: ClientOf, typed: str, said: str
) -> None:
    tunnel = started(omar)
    answer = client_of(omar).post(url_of("gateway-address", tunnel), {"gateway_address": typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert '<details class="fold" open>' in page
    assert f'value="{typed}"' in page or not typed


def test_a_refused_action_says_why(omar: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = tunnel_of(omar)
    unbind_tunnel(tunnel=tunnel)
    page = client_of(omar).post(url_of("traffic", tunnel), follow=True).content.decode()
    assert "not bound to a transit router: bind it first" in page


def test_events_go_back_page_by_page_without_gap_or_double(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, device={"configured": False})
    for _ in range(12):
        ring(watch, 400)
        ring(watch, 1)
    every = [event.pk for event in TunnelEvent.objects.filter(tunnel=tunnel)]
    assert len(every) > 40
    seen: list[int] = []
    before = ""
    while True:
        page = events_of(tunnel, before=before, size=7)
        seen += [event.pk for event in page.events]
        before = page.older
        if not before:
            break
    assert seen == every


@pytest.mark.parametrize("cursor", ["x", "1", "1-", "-1", "9" * 40 + "-1", "1-" + "9" * 5])
def test_a_cursor_that_is_none_does_no_harm(
    ana: Actor, watch: Watch, client_of: ClientOf, cursor: str
) -> None:
    page_of(client_of(ana), "events", started(ana), f"?before={cursor}")


def test_a_page_costs_few_queries_however_much_has_happened(
    ana: Actor, watch: Watch, client_of: ClientOf
) -> None:
    tunnel = started(ana, device={"configured": False})
    client = client_of(ana)
    costs = {}
    for round_number in range(2):
        for name in ("detail", "live", "events"):
            with CaptureQueriesContext(database) as asked:
                page_of(client, name, tunnel)
            own = [query for query in asked.captured_queries if "django_session" not in query["sql"]]
            costs[round_number, name] = len(own)
        for _ in range(6):
            ring(watch, 400)
            ring(watch, 1)
    for name in ("detail", "live", "events"):
        assert costs[1, name] == costs[0, name] <= 9, costs


# The connection page's table


def table_of(actor: Actor, tunnel: Tunnel) -> str:
    connection = tunnel.connection
    return render_to_string("tunnels/_table.html", {"tunnels": tunnels_of(connection), "actor": actor})


def test_the_table_has_the_consoles_eight_columns_and_both_tunnels(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, device={"psk": "x"})
    ring(watch)
    ring(watch, 1)
    table = table_of(ana, tunnel)
    assert table.count('<th scope="col">') == 8
    assert table.index("Tunnel 1") < table.index("Tunnel 2")
    assert "Phase 1 negotiations failed" in table
    assert "Pre-shared key mismatch" in table
    assert table.count("••••••••") == 2


def test_the_table_costs_one_query(ana: Actor) -> None:
    connection = connection_of(ana)
    with CaptureQueriesContext(database) as asked:
        render_to_string("tunnels/_table.html", {"tunnels": tunnels_of(connection), "actor": ana})
    assert len(asked) == 1


def test_the_connections_version_grows_with_either_tunnel(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana)
    connection = tunnel.connection
    first = connection_version(connection)
    ring(watch)
    second = connection_version(connection)
    unbind_tunnel(tunnel=connection.tunnels.get(index=2))
    assert first < second < connection_version(connection)
