"""The pages of customer gateways: who may see and do what, what they say, and what they never say."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from gateway_rows import SHANGHAI, connection_over, gateway_of

from accounts.actor import Actor
from gateways.models import CustomerGateway

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ClientOf = Callable[[Actor], Client]
LIST = reverse("gateways:list")
CREATE = reverse("gateways:create")
FORM = {"region": "cn-hangzhou", "name": "edge", "address": "203.0.113.10", "asn": "65001"}


def page(name: str, gateway: CustomerGateway) -> str:
    return reverse(f"gateways:{name}", args=[gateway.public_id])


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_shows_the_current_region(omar: Actor, client_of: ClientOf) -> None:
    gateway_of(omar, name="dc-edge", address="203.0.113.10", asn="65001")
    gateway_of(omar, name="elsewhere", region=SHANGHAI)
    client = client_of(omar)
    shown = text(client, LIST)
    assert "dc-edge" in shown
    assert "203.0.113.10" in shown
    assert "65001" in shown
    assert "elsewhere" not in shown
    assert "elsewhere" in text(client, f"{LIST}?region={SHANGHAI}")
    assert "elsewhere" in text(client, LIST)  # the region is kept


def test_public_and_private_are_told_from_the_address(omar: Actor, client_of: ClientOf) -> None:
    public, private = gateway_of(omar, address="203.0.113.10"), gateway_of(omar, address="10.0.0.1")
    client = client_of(omar)
    assert "Public" in text(client, page("detail", public))
    assert "Private" in text(client, page("detail", private))


def test_search(omar: Actor, client_of: ClientOf) -> None:
    gateway_of(omar, name="berlin")
    gateway_of(omar, name="paris")
    shown = text(client_of(omar), f"{LIST}?q=PAR")
    assert "paris" in shown
    assert "berlin" not in shown
    assert "No customer gateway matches" in text(client_of(omar), f"{LIST}?q=rome")


def test_long_lists_have_neighbouring_pages(omar: Actor, client_of: ClientOf) -> None:
    gateways = [gateway_of(omar, name=f"edge-{number:02}") for number in range(21)]
    client = client_of(omar)
    first = client.get(LIST)
    assert first.content.decode().count('href="/customer-gateways/cgw-') >= 20
    assert "edge-00" not in first.content.decode()
    cursor = gateways[1].public_id
    assert f"after={cursor}" in first.content.decode()
    second = text(client, f"{LIST}?after={cursor}")
    assert "edge-00" in second
    assert f"before={gateways[0].public_id}" in second


def test_an_empty_list_says_what_to_do(omar: Actor, vera: Actor, client_of: ClientOf) -> None:
    assert f'href="{CREATE}"' in text(client_of(omar), LIST)
    shown = text(client_of(vera), LIST)
    assert "No customer gateways in this region" in shown
    assert CREATE not in shown


def test_who_uses_it(omar: Actor, client_of: ClientOf) -> None:
    first, second = gateway_of(omar), gateway_of(omar)
    connection = connection_over(omar, first, second)
    client = client_of(omar)
    for url in (LIST, page("detail", first)):
        shown = text(client, url)
        assert reverse("connections:detail", args=[connection.public_id]) in shown
        assert "Tunnel 1" in shown


def test_as_many_queries_for_twenty_as_for_one(
    omar: Actor, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    client = client_of(omar)
    client.get(LIST)
    for _ in range(10):
        connection_over(omar, gateway_of(omar), gateway_of(omar))
    with django_assert_max_num_queries(6):  # session, user, membership, rows, uses
        assert client.get(LIST).status_code == 200
    with django_assert_max_num_queries(6):
        assert client.get(page("detail", CustomerGateway.objects.all()[0])).status_code == 200


def test_registering(omar: Actor, client_of: ClientOf) -> None:
    client = client_of(omar)
    assert client.get(CREATE).status_code == 200
    response = client.post(CREATE, {**FORM, "auth_key": "marker-of-a-key"}, follow=True)
    gateway = CustomerGateway.objects.get()
    assert response.redirect_chain == [(page("detail", gateway), 302)]
    assert (gateway.name, gateway.auth_key) == ("edge", "marker-of-a-key")
    assert "was created" in response.content.decode()


def test_the_form_starts_in_the_current_region(omar: Actor, client_of: ClientOf) -> None:
    client = client_of(omar)
    client.get(f"{LIST}?region={SHANGHAI}")
    assert f'<option value="{SHANGHAI}" selected' in text(client, CREATE)


def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(omar: Actor, client_of: ClientOf) -> None:
    response = client_of(omar).post(CREATE, {**FORM, "asn": "45104", "auth_key": "marker-of-a-key"})
    shown = response.content.decode()
    assert "belongs to Alibaba Cloud" in shown
    assert 'value="203.0.113.10"' in shown
    assert 'aria-invalid="true"' in shown
    assert "marker-of-a-key" not in shown
    assert "Type the authentication key again" in shown
    assert not CustomerGateway.objects.exists()


def test_a_space_around_a_key_is_told_and_not_cut(omar: Actor, client_of: ClientOf) -> None:
    response = client_of(omar).post(CREATE, {**FORM, "auth_key": " key"})
    assert "Character 1 cannot be" in response.content.decode()


def test_a_full_quota_is_told_on_top(omar: Actor, client_of: ClientOf) -> None:
    omar.account.quotas.filter(name="customer_gateways_per_region").update(limit=0)
    shown = client_of(omar).post(CREATE, FORM).content.decode()
    assert "The quota is used up: Customer gateways per region, at most 0." in shown


def test_changing(omar: Actor, client_of: ClientOf) -> None:
    gateway = gateway_of(omar, name="edge", auth_key="first")
    client = client_of(omar)
    assert 'value="edge"' in text(client, page("edit", gateway))
    client.post(page("edit", gateway), {"name": "edge-2", "description": "rack 7", "auth_key": ""})
    kept = CustomerGateway.objects.get()
    assert (kept.name, kept.description, kept.auth_key) == ("edge-2", "rack 7", "first")
    client.post(page("edit", gateway), {"name": "edge-2", "auth_key": "second"})
    assert CustomerGateway.objects.get().auth_key == "second"
    client.post(page("edit", gateway), {"name": "edge-2", "remove_auth_key": "on"})
    assert CustomerGateway.objects.get().auth_key == ""


def test_a_refused_change(omar: Actor, client_of: ClientOf) -> None:
    gateway = gateway_of(omar, name="edge")
    response = client_of(omar).post(page("edit", gateway), {"name": "http://x"})
    assert "May not start with" in response.content.decode()
    assert CustomerGateway.objects.get().name == "edge"


def test_no_page_shows_a_key(omar: Actor, client_of: ClientOf) -> None:
    gateway = gateway_of(omar, auth_key="marker-of-a-key")
    connection_over(omar, gateway, gateway)
    client = client_of(omar)
    for url in (LIST, page("detail", gateway), page("edit", gateway), page("delete", gateway)):
        shown = text(client, url)
        assert "marker-of-a-key" not in shown
        assert "marker-of-a-psk" not in shown
    assert "••••••••" in text(client, page("detail", gateway))


def test_deleting(omar: Actor, client_of: ClientOf) -> None:
    gateway = gateway_of(omar, address="203.0.113.10")
    client = client_of(omar)
    asked = text(client, page("delete", gateway))
    assert "The registration of 203.0.113.10" in asked
    assert CustomerGateway.objects.exists()
    response = client.post(page("delete", gateway), follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert not CustomerGateway.objects.exists()


def test_deleting_is_refused_before_and_after_the_question(omar: Actor, client_of: ClientOf) -> None:
    gateway = gateway_of(omar)
    connection = connection_over(omar, gateway, gateway)
    client = client_of(omar)
    named = f"Tunnel 2 of IPsec connection to Berlin ({connection.public_id})"
    asked = text(client, page("delete", gateway))
    assert named in asked
    assert "btn-danger" not in asked
    assert named in client.post(page("delete", gateway)).content.decode()
    assert CustomerGateway.objects.exists()


@pytest.mark.parametrize("name", ["detail", "edit", "delete"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_finds_nothing(
    omar: Actor, sam: Actor, client_of: ClientOf, name: str, method: str
) -> None:
    gateway = gateway_of(omar)
    response = getattr(client_of(sam), method)(page(name, gateway), {"name": "mine"})
    assert response.status_code == (405 if (name, method) == ("detail", "post") else 404)
    assert CustomerGateway.objects.get().name == "edge"


def test_a_stranger_sees_an_empty_list(omar: Actor, sam: Actor, client_of: ClientOf) -> None:
    gateway_of(omar, name="dc-edge")
    assert "dc-edge" not in text(client_of(sam), LIST)


def test_a_viewer_looks_and_does_not_touch(omar: Actor, vera: Actor, client_of: ClientOf) -> None:
    gateway = gateway_of(omar)
    client = client_of(vera)
    for url in (LIST, page("detail", gateway)):
        shown = text(client, url)
        assert page("edit", gateway) not in shown
        assert page("delete", gateway) not in shown
    for url in (CREATE, page("edit", gateway), page("delete", gateway)):
        assert client.get(url).status_code == 403
        assert client.post(url, FORM).status_code == 403
    assert CustomerGateway.objects.count() == 1


def test_nobody_in_particular_is_sent_to_sign_in(db: None, client: Client) -> None:
    response = client.get(LIST)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("signin"))
