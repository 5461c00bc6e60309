"""A connection's page: its facts, the tab Tunnel, and how it follows what happens."""

import time
from datetime import timedelta
from typing import Any

import pytest
from connection_cast import Cast, Form, created, made, page_of, play, set_status, token, tunnels_of
from django.core.cache import cache
from django.test import Client
from page_reader import Element, by_id, read

from accounts.actor import Actor
from connections.fleet.models import ConnectionHealth
from connections.looks import health_look as look_of
from connections.models import IPsecConnection
from gateways.models import CustomerGateway
from tunnels import clock
from tunnels.models import BgpStatus, NegotiationRun, PeerDevice, Status, Tunnel
from tunnels.playing import claim_due, play_all
from vpnconsole.heartbeats import Part
from wording.look import Look

pytestmark = [pytest.mark.database, pytest.mark.django_db]

BUDGET = 8


def facts(page: str) -> dict[str, str]:
    names = [element for element in read(page).walk() if element.tag in ("dt", "dd")]
    return {name.text: value.text for name, value in zip(names[::2], names[1::2], strict=True)}


def test_the_basic_facts(client: Client, cast: Cast, form: Form) -> None:
    connection = created(client, form.bgp().set(effect_immediately="no"))
    told = facts(client.get(page_of(connection)).content.decode())
    assert told["IPsec connection ID"] == connection.public_id
    assert told["Name"] == "dc to cloud"
    assert told["Gateway Type"] == "Public"
    assert told["CEN Instance ID"] == cast.cen.public_id
    assert told["Transit Router ID"] == cast.router.public_id
    assert told["Routing Mode"] == "Destination Routing Mode"
    assert told["Effective Immediately"] == "No"
    assert told["Enable BGP"] == "On · Local ASN 45104"
    assert told["Created"].endswith("· ana")
    assert "Local Network" not in told


def test_the_networks_of_protected_data_flows(client: Client, form: Form) -> None:
    connection = created(client, form.policy(["10.1.0.0/16", "10.2.0.0/16"], ["192.168.1.0/24"]))
    told = facts(client.get(page_of(connection)).content.decode())
    assert told["Local Network"] == "10.1.0.0/16, 10.2.0.0/16"
    assert told["Remote Network"] == "192.168.1.0/24"


def test_the_tunnel_tab_has_the_columns_of_the_console_and_two_rows(client: Client, form: Form) -> None:
    connection = created(client, form.bgp())
    page = read(client.get(page_of(connection)).content.decode())
    heads = [element.text for element in page.walk() if element.tag == "th"]
    assert heads == [
        "Tunnel/Tunnel ID",
        "Gateway IP",
        "Pre-Shared Key",
        "Tunnel CIDR Block",
        "Local BGP IP address",
        "Connection Status",
        "Customer Gateway",
        "State",
    ]
    for tunnel in tunnels_of(connection):
        row = [cell.text for cell in by_id(page, f"row-{tunnel.public_id}").walk() if cell.tag == "td"]
        assert row[0].startswith(f"Tunnel {tunnel.index}")
        assert tunnel.public_id in row[0]
        assert tunnel.gateway_address in row[1].split()
        assert tunnel.psk not in "".join(row)
        assert row[3] == tunnel.tunnel_cidr


def test_an_unbound_connection_says_what_that_means(client: Client, cast: Cast) -> None:
    page = client.get(page_of(made(cast, "waiting", binding="cross"))).content.decode()
    assert "bound to no transit router" in page
    assert facts(page)["CEN Instance ID"] == "–"
    assert ">Bind<" in page
    assert ">Unbind<" not in page


def test_a_viewer_reads_it_and_is_offered_nothing_to_write(cast: Cast, vera: Actor, client_of: Any) -> None:
    page = client_of(vera).get(page_of(made(cast, "dc"))).content.decode()
    assert "Generate Peer Configuration" in page
    for word in (">Delete<", ">Unbind<", ">Bind<"):
        assert word not in page


def test_a_stranger_does_not_find_it(cast: Cast, sam: Actor, client_of: Any) -> None:
    connection = made(cast, "dc")
    for name in ("detail", "live", "routes", "delete", "bind", "unbind", "peer-configuration"):
        assert client_of(sam).get(page_of(connection, name)).status_code == 404, name


def test_the_page_costs_few_queries(client: Client, form: Form, django_assert_max_num_queries: Any) -> None:
    connection = created(client, form.bgp().policy())
    play()
    for name in ("detail", "live", "routes"):
        client.get(page_of(connection, name))
        with django_assert_max_num_queries(BUDGET):
            client.get(page_of(connection, name))


# Live


def live(page: str) -> Element:
    return by_id(read(page), "tunnel-tab")


def pulse(page: str) -> Element:
    return by_id(read(page), "pulse")


def poll(client: Client, page: str) -> Any:
    """What the open page asks for by itself."""
    return client.get(pulse(page).attributes["hx-get"], headers={"HX-Request": "true"})


def health(page: str) -> list[str]:
    return [one.text for one in live(page).walk() if one.attributes.get("class") == "health"]


def test_nothing_is_sent_while_nothing_has_changed(client: Client, cast: Cast) -> None:
    page = client.get(page_of(made(cast, "dc"))).content.decode()
    answer = poll(client, page).content.decode()
    assert pulse(answer).attributes["hx-get"]
    assert "tunnel-tab" not in answer
    assert len(answer) < 2000


@pytest.mark.parametrize(
    "values",
    [{"name": "another"}, {"effect_immediately": False}, {"remote_networks": ["192.168.9.0/24"]}],
    ids=lambda values: next(iter(values)),
)
def test_what_is_configured_by_somebody_else_is_loaded_anew(
    client: Client, cast: Cast, values: dict[str, Any]
) -> None:
    connection = made(cast, "dc")
    page = client.get(page_of(connection)).content.decode()
    assert "HX-Refresh" not in poll(client, page)
    IPsecConnection.objects.filter(pk=connection.pk).update(**values)
    assert poll(client, page)["HX-Refresh"] == "true"


def test_what_the_table_shows_of_a_tunnel_is_renewed(client: Client, cast: Cast) -> None:
    connection = made(cast, "dc")
    page = client.get(page_of(connection)).content.decode()
    CustomerGateway.objects.filter(pk=cast.devices[0].pk).update(name="edge-renamed")
    answer = poll(client, page).content.decode()
    assert "edge-renamed" in by_id(read(answer), f"row-{tunnels_of(connection)[0].public_id}").text


def test_the_tunnels_climb_before_the_eyes(client: Client, form: Form) -> None:
    """What the open page shows from look to look, until both tunnels and BGP are up."""
    connection = created(client, form.bgp())
    page = client.get(page_of(connection)).content.decode()
    seen = health(page)
    begin = clock.now()
    cache.set(Part.WORKER.key, time.time())
    for tenth in range(300):
        now = begin + timedelta(seconds=tenth / 10)
        play_all(claim_due(now, 100), now)
        page = poll(client, page).content.decode()
        if "tunnel-tab" in page:
            shown = page
            seen += [word for word in health(page) if seen[-1:] != [word]]
    assert seen[0] == "Negotiating"
    assert seen[-1] == "Both tunnels are up"
    assert shown.count("Phase 2 negotiations succeeded") == 2
    assert pulse(page).attributes["hx-trigger"].startswith("every 60s")


def test_a_page_asks_often_while_something_is_under_way(client: Client, cast: Cast) -> None:
    page = client.get(page_of(made(cast, "dc"))).content.decode()
    assert pulse(page).attributes["hx-trigger"].startswith("every 2s")


def test_a_failed_tunnel_says_why_and_the_connection_is_degraded(client: Client, form: Form) -> None:
    connection = created(client, form)
    PeerDevice.objects.filter(tunnel__connection=connection, tunnel__index=2).update(
        child_proposals=[["3des", "md5", "group1"]]
    )
    play()
    page = client.get(page_of(connection)).content.decode()
    assert "One tunnel is up: no redundancy" in page
    second = by_id(read(page), f"row-{tunnels_of(connection)[1].public_id}").text
    assert "Phase 2 negotiations failed" in second


def health_look(connection: IPsecConnection) -> Look:
    """How the connection is shown."""
    return look_of(ConnectionHealth.objects.get(pk=connection.pk).level)


@pytest.mark.parametrize(
    ("first", "second", "role", "word"),
    [
        (Status.CHILD_UP, Status.CHILD_UP, "good", "Both tunnels are up"),
        (Status.CHILD_UP, Status.CHILD_DOWN, "warn", "One tunnel is up: no redundancy"),
        (Status.NOT_NEGOTIATED, Status.CHILD_UP, "warn", "One tunnel is up: no redundancy"),
        (Status.IKE_DOWN, Status.NOT_NEGOTIATED, "bad", "No tunnel is up"),
        (Status.IKE_UP, Status.IKE_UP, "bad", "No tunnel is up"),
        (Status.NOT_NEGOTIATED, Status.NOT_NEGOTIATED, "quiet", "Not negotiated"),
    ],
)
def test_one_of_two_is_not_up(cast: Cast, first: Status, second: Status, role: str, word: str) -> None:
    connection = made(cast, "dc")
    set_status(connection, first, second)
    look = health_look(connection)
    assert (look.role, str(look.word)) == (role, word)


def test_the_page_says_whether_one_tunnel_stands_in_for_the_other(client: Client, form: Form) -> None:
    connection = created(client, form.bgp().set(client_token=token()))
    play()
    assert "Redundancy is met" in client.get(page_of(connection)).content.decode()
    Tunnel.objects.filter(connection=connection).update(zone="one zone", dpd=False)
    page = client.get(page_of(connection)).content.decode()
    assert "Redundancy is not met" in page
    assert "both tunnels into one zone" in page
    assert "DPD is off on a tunnel" in page


def test_a_tunnel_that_is_down_stands_in_for_none(client: Client, form: Form) -> None:
    connection = created(client, form.bgp().set(client_token=token()))
    play()
    set_status(connection, Status.CHILD_UP, Status.CHILD_DOWN)
    page = client.get(page_of(connection)).content.decode()
    assert "Redundancy is met" not in page
    assert "Not both tunnels carry traffic" in page


def test_ipsec_without_bgp_is_not_good(client: Client, form: Form) -> None:
    connection = created(client, form.bgp().set(client_token=token()))
    set_status(connection, Status.CHILD_UP, Status.CHILD_UP)
    assert str(health_look(connection).word) == "Negotiating"
    NegotiationRun.objects.update(cause="BgpSessionDown")
    assert str(health_look(connection).word) == "Up, but carries no traffic"
    NegotiationRun.objects.update(bgp_status=BgpStatus.UP, cause="")
    assert str(health_look(connection).word) == "Both tunnels are up"


def test_it_is_drawn_with_the_states_that_its_tunnels_are_in(client: Client, form: Form) -> None:
    connection = created(client, form.bgp())
    play()
    set_status(connection, Status.CHILD_UP, Status.IKE_DOWN)
    page = client.get(page_of(connection)).content.decode()
    drawing = page[page.index('<svg class="topology"') : page.index("</svg>", page.index('class="topology"'))]
    assert "Tunnel 1 from zone cn-hangzhou-" in drawing
    assert "topology-good" in drawing
    assert "topology-bad" in drawing
    for word in ("Phase 2 is up", "Phase 1 failed", "edge-1", "203.0.113.2", "AS 65001", "169.254.10.1"):
        assert word in drawing


def test_it_does_not_draw_a_tunnel_that_is_out_of_service_as_up(client: Client, form: Form) -> None:
    connection = created(client, form.bgp())
    play()
    NegotiationRun.objects.filter(tunnel=tunnels_of(connection)[1]).update(out_of_service=True)
    page = client.get(page_of(connection)).content.decode()
    drawing = page[page.index('<svg class="topology"') : page.index("</svg>", page.index('class="topology"'))]
    assert "203.0.113.1: Phase 2 is up" in drawing
    assert "203.0.113.2: Out of service" in drawing
