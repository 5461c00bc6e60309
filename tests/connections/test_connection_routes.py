"""The tab Routes: routes of protected data flows and by hand, what BGP brings, ties to the transit router."""

from dataclasses import replace
from typing import Any

import pytest
from connection_cast import Cast, Form, created, page_of, play, settled, tunnels_of
from django.test import Client
from django.urls import reverse
from page_reader import read

from accounts.actor import Actor
from accounts.models import Quota, QuotaName
from accounts.refusal import Refused
from connections.services import add_route, delete_route, edit_connection, unbind
from ipsec.algorithms import RoutingMode
from transit.models import RouteTable, VpnAttachment
from transit.queries import routes_of_table
from transit.services import ties_of
from tunnels.models import PeerDevice
from tunnels.spec import connection_spec

pytestmark = pytest.mark.django_db

REMOTE = ["192.168.1.0/24", "192.168.2.0/24", "172.16.0.0/16"]


def rows(client: Client, connection: Any) -> list[list[str]]:
    page = read(client.get(page_of(connection, "routes")).content.decode())
    lines = [line for line in page.walk() if line.tag == "tr"]
    cells = [[cell.text for cell in line.walk() if cell.tag == "td"] for line in lines]
    return [line[:4] for line in cells if line]


def test_a_route_per_remote_network_goes_to_the_system_table(client: Client, cast: Cast, form: Form) -> None:
    connection = created(client, form.policy(remote=REMOTE))
    table = RouteTable.objects.get(transit_router=cast.router)
    assert rows(client, connection) == [
        [network, connection.public_id, "Protected data flow", table.public_id] for network in REMOTE
    ]
    assert {route.destination for route in routes_of_table(table)} == set(REMOTE)


def test_without_propagation_they_stay_in_the_connection(client: Client, cast: Cast, form: Form) -> None:
    connection = created(client, form.policy(remote=REMOTE).set(propagate=None))
    assert [row[3] for row in rows(client, connection)] == ["No table: propagation is off"] * 3
    assert routes_of_table(RouteTable.objects.get(transit_router=cast.router)) == []


def test_unbound_they_are_published_nowhere(client: Client, ana: Actor, form: Form) -> None:
    connection = created(client, form.policy(remote=REMOTE))
    unbind(actor=ana, connection=connection)
    settled()
    assert [row[3] for row in rows(client, connection)] == ["Not bound"] * 3


def test_destination_mode_says_where_routes_come_from(client: Client, form: Form) -> None:
    page = client.get(page_of(created(client, form), "routes")).content.decode()
    assert "routes to the data centre come by BGP, or are added here" in page


def test_a_route_by_hand_goes_to_the_system_table_and_goes_again(
    client: Client, cast: Cast, form: Form
) -> None:
    connection = created(client, form)
    table = RouteTable.objects.get(transit_router=cast.router)
    assert client.post(page_of(connection, "add-route"), {"destination": "192.168.9.0/24"}).status_code == 302
    assert rows(client, connection) == [
        ["192.168.9.0/24", connection.public_id, "Added by hand", table.public_id]
    ]
    assert [route.destination for route in routes_of_table(table)] == ["192.168.9.0/24"]

    question = page_of(connection, "delete-route") + "?destination=192.168.9.0/24"
    assert "no longer sends traffic" in client.get(question).content.decode()
    assert rows(client, connection) != []
    for _again in range(2):  # a second click finds nothing more
        assert client.post(question).status_code == 302
    assert rows(client, connection) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "is not an IPv4 CIDR block"),
        ("10.0.0.1/8", "10.0.0.0/8"),
        ("junk", "is not an IPv4 CIDR block"),
        ("0.0.0.0/0", "0.0.0.0/0 cannot be a destination route"),
        ("100.64.0.0/10", "overlaps 100.64.0.0/10"),
        ("100.64.9.0/24", "overlaps 100.64.0.0/10"),
        ("100.0.0.0/8", "overlaps 100.64.0.0/10"),
        ("192.168.1.0/24", "There is a route to 192.168.1.0/24 already"),
    ],
)
def test_a_route_that_cannot_be_is_refused_at_its_field(
    client: Client, form: Form, typed: str, said: str
) -> None:
    connection = created(client, form.policy(remote=["192.168.1.0/24"]))
    answer = client.post(page_of(connection, "add-route"), {"destination": typed})
    assert answer.status_code == 422
    assert [(said in error.message, error.anchor) for error in answer.context["findings"]] == [
        (True, "id_destination")
    ]
    assert [row[0] for row in rows(client, connection)] == ["192.168.1.0/24"]


def test_just_beside_the_forbidden_block_a_route_is_fine(client: Client, form: Form) -> None:
    connection = created(client, form)
    for typed in ("100.63.0.0/16", "100.128.0.0/9", "0.0.0.0/2"):
        assert client.post(page_of(connection, "add-route"), {"destination": typed}).status_code == 302


def test_the_quota_of_routes_is_kept(client: Client, ana: Actor, form: Form) -> None:
    Quota.objects.filter(account=ana.account, name=QuotaName.ROUTES_PER_CONNECTION).update(limit=1)
    connection = created(client, form)
    add_route(actor=ana, connection=connection, destination="192.168.1.0/24")
    with pytest.raises(Refused, match="quota_full"):
        add_route(actor=ana, connection=connection, destination="192.168.2.0/24")


def test_what_comes_of_a_protected_data_flow_goes_with_it_only(client: Client, form: Form) -> None:
    connection = created(client, form.policy(remote=["192.168.1.0/24"]))
    question = page_of(connection, "delete-route") + "?destination=192.168.1.0/24"
    assert "comes from a protected data flow" in client.get(question).content.decode()
    assert client.post(question).status_code == 409
    assert [row[0] for row in rows(client, connection)] == ["192.168.1.0/24"]


def test_an_unbound_connection_takes_no_route(client: Client, ana: Actor, form: Form) -> None:
    connection = created(client, form)
    unbind(actor=ana, connection=connection)
    settled()
    assert "while the connection is bound" in client.get(page_of(connection, "routes")).content.decode()
    answer = client.post(page_of(connection, "add-route"), {"destination": "192.168.1.0/24"})
    assert answer.status_code == 422
    assert connection.destination_routes.count() == 0


def test_the_three_ties_are_switched_later_too(client: Client, cast: Cast, form: Form) -> None:
    connection = created(client, form.policy(remote=["192.168.1.0/24"]))
    table = RouteTable.objects.get(transit_router=cast.router)
    assert routes_of_table(table) != []
    for switches in ({}, {"propagate": "on"}, {"associate": "on", "auto_publish_route": "on"}):
        assert client.post(page_of(connection, "tie"), switches).status_code == 302
        attachment = VpnAttachment.objects.get(connection=connection)
        assert ties_of(attachment) == {
            name: name in switches for name in ("auto_publish_route", "associate", "propagate")
        }
        assert bool(routes_of_table(table)) == ("propagate" in switches)


def test_a_route_opens_the_data_path_of_a_tunnel_that_is_up(client: Client, ana: Actor, form: Form) -> None:
    connection = created(client, form)
    play()
    tunnel = tunnels_of(connection)[0]
    live = reverse("tunnels:live", args=[tunnel.public_id])
    seen = client.get(live)
    assert "nothing gets through" in seen.content.decode()
    version = seen.context["run"].version

    add_route(actor=ana, connection=connection, destination="192.168.0.0/16")

    answer = client.get(live, {"version": version})
    assert answer.status_code == 200, "an open page sees it"
    assert "Open, no packet yet" in answer.content.decode()


def test_what_devices_advertise_is_learnt_while_bgp_is_up(client: Client, form: Form) -> None:
    connection = created(client, form.bgp())
    for tunnel in tunnels_of(connection):
        PeerDevice.objects.filter(tunnel=tunnel).update(advertised_networks=["172.20.0.0/16"])
    assert "Nothing learnt" in client.get(page_of(connection, "routes")).content.decode()
    play()
    assert rows(client, connection) == [
        ["172.20.0.0/16", "Tunnel 1 Tunnel 2", "[65001]", "Advertised by the device"]
    ]


def test_a_viewer_reads_and_is_offered_nothing_to_write(
    client: Client, vera: Actor, client_of: Any, form: Form
) -> None:
    connection = created(client, form.policy(remote=["192.168.1.0/24"]))
    page = client_of(vera).get(page_of(connection, "routes")).content.decode()
    assert "192.168.1.0/24" in page
    assert 'method="post" action="/connections/' not in page


def test_where_a_route_is_missing_the_tunnel_leads_there(client: Client, form: Form) -> None:
    connection = created(client, form)
    play()
    page = client.get(reverse("tunnels:detail", args=[tunnels_of(connection)[0].public_id])).content.decode()
    assert f'href="{page_of(connection, "routes")}">Routes of the connection' in page


def test_a_network_keeps_its_route_when_one_by_hand_beneath_it_goes(
    client: Client, ana: Actor, form: Form
) -> None:
    connection = created(client, form)
    add_route(actor=ana, connection=connection, destination="10.1.0.0/16")
    wanted = connection_spec(connection, with_secrets=False)
    flows = replace(
        wanted,
        routing_mode=RoutingMode.POLICY,
        local_networks=("172.16.0.0/16",),
        remote_networks=("10.1.0.0/16",),
    )
    edit_connection(actor=ana, connection=connection, wanted=flows)
    settled()
    delete_route(actor=ana, connection=connection, destination="10.1.0.0/16")
    assert [row[2] for row in rows(client, connection)] == ["Protected data flow"]
