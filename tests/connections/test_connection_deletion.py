"""Deleting a connection: what stands against it, what is said beforehand, and what is left."""

from typing import Any

import pytest
from connection_cast import Cast, Form, created, made, page_of, play, settled, tunnels_of
from django.test import Client

from accounts.actor import Actor
from accounts.models import AuditEvent
from connections.models import DestinationRoute, IPsecConnection
from connections.services import unbind
from gateways.services import delete_customer_gateway
from tunnels.models import NegotiationRun, PeerDevice, Tunnel, TunnelEvent

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_a_bound_connection_is_not_deleted(client: Client, cast: Cast) -> None:
    connection = made(cast, "dc")
    asked = client.get(page_of(connection, "delete"))
    assert "bound to a transit router: unbind it first" in asked.content.decode()
    assert "btn-danger" not in asked.content.decode()

    refused = client.post(page_of(connection, "delete"))
    assert refused.status_code == 409
    assert "bound to a transit router: unbind it first" in refused.content.decode()
    assert IPsecConnection.objects.filter(pk=connection.pk).exists()


@pytest.mark.parametrize("state", ["attaching", "detaching", "updating"])
def test_a_connection_in_motion_is_not_deleted(client: Client, cast: Cast, state: str) -> None:
    connection = made(cast, "dc", binding="cross")
    IPsecConnection.objects.update(state=state)
    refused = client.post(page_of(connection, "delete"))
    assert refused.status_code == 409
    assert "being changed right now" in refused.content.decode()


def test_asking_deletes_nothing(client: Client, cast: Cast) -> None:
    connection = made(cast, "dc", binding="cross")
    page = client.get(page_of(connection, "delete")).content.decode()
    assert "Delete IPsec connection dc" in page
    assert "pre-shared keys" in page
    assert "btn-danger" in page
    assert IPsecConnection.objects.filter(pk=connection.pk).exists()


def test_it_goes_with_everything_of_its_own(client: Client, ana: Actor, cast: Cast, form: Form) -> None:
    connection = created(client, form.bgp().policy())
    play()
    unbind(actor=ana, connection=connection)
    settled()
    response = client.post(page_of(connection, "delete"), follow=True)

    assert "is deleted" in response.content.decode()
    assert response.request["PATH_INFO"] == "/connections/"
    for model in (IPsecConnection, Tunnel, PeerDevice, NegotiationRun, TunnelEvent, DestinationRoute):
        assert not model._default_manager.exists(), model
    event = AuditEvent.objects.get(action="connection.delete")
    assert (event.target, event.detail["name"]) == (connection.public_id, "dc to cloud")


def test_its_devices_are_free_again(client: Client, ana: Actor, cast: Cast) -> None:
    connection = made(cast, "dc", binding="cross")
    client.post(page_of(connection, "delete"))
    for device in cast.devices:
        delete_customer_gateway(actor=ana, gateway=device)


def test_its_tunnel_cidr_blocks_are_free_again(client: Client, ana: Actor, form: Form) -> None:
    connection = created(client, form.bgp().set(binding="cross", cen=""))
    client.post(page_of(connection, "delete"))
    again = created(client, form.bgp())
    assert tunnels_of(again)[0].tunnel_cidr == "169.254.10.0/30"


def test_a_second_click_finds_nothing_more(client: Client, cast: Cast) -> None:
    connection = made(cast, "dc", binding="cross")
    assert client.post(page_of(connection, "delete")).status_code == 302
    assert client.post(page_of(connection, "delete")).status_code == 404


def test_others_connections_stay(client: Client, cast: Cast) -> None:
    connection, other = made(cast, "one", binding="cross"), made(cast, "other", binding="cross")
    client.post(page_of(connection, "delete"))
    assert [*IPsecConnection.objects.all()] == [other]
    assert Tunnel.objects.count() == 2


@pytest.mark.parametrize("name", ["delete", "unbind", "bind"])
def test_viewers_and_strangers_change_nothing(
    cast: Cast, vera: Actor, sam: Actor, client_of: Any, name: str
) -> None:
    connection = made(cast, "dc", binding="cross" if name != "unbind" else "own")
    state = connection.state
    assert client_of(vera).post(page_of(connection, name)).status_code == 403
    assert client_of(sam).post(page_of(connection, name)).status_code == 404
    connection.refresh_from_db()
    assert connection.state == state
