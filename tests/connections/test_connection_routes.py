"""The tab Routes: one destination route per remote network, and where each is published."""

from typing import Any

import pytest
from connection_cast import Cast, Form, created, page_of, settled
from django.test import Client
from page_reader import read

from accounts.actor import Actor
from connections.services import unbind
from transit.models import RouteTable
from transit.queries import routes_of_table

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
    assert "routes to the data centre come by BGP" in page
