"""The pages of CEN instances: who may see and do what, and what they say."""

from collections.abc import Callable
from typing import Any

import pytest
from cloud_rows import HANGZHOU, SHANGHAI, attached_to, cen_of, connection_of, router_of
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from transit.models import Cen, ResourceGroup, TransitRouter, TransitRouterCidr
from transit.services import create_cen, create_resource_group

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ClientOf = Callable[[Actor], Client]
LIST = reverse("transit:list")
CREATE = reverse("transit:create")


def url(name: str, *arguments: str) -> str:
    return reverse(f"transit:{name}", args=arguments)


def text(client: Client, where: str) -> str:
    response = client.get(where)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_names_each_instance_with_its_regions(omar: Actor, client_of: ClientOf) -> None:
    router = router_of(omar, cen=cen_of(omar, "backbone"))
    router_of(omar, cen=router.cen, region=SHANGHAI)
    shown = text(client_of(omar), LIST)
    for word in ("backbone", router.cen.public_id, "China (Hangzhou)", "China (Shanghai)"):
        assert word in shown


def test_the_list_can_be_limited_to_a_group(omar: Actor, client_of: ClientOf) -> None:
    group = create_resource_group(actor=omar, name="production")
    create_cen(actor=omar, name="inside", resource_group=group)
    create_cen(actor=omar, name="outside")
    shown = text(client_of(omar), f"{LIST}?resource_group={group.public_id}")
    assert "inside" in shown
    assert "outside" not in shown
    assert "outside" in text(client_of(omar), f"{LIST}?resource_group=rg-none")


def test_an_empty_list_says_what_to_do(omar: Actor, vera: Actor, client_of: ClientOf) -> None:
    assert f'href="{CREATE}"' in text(client_of(omar), LIST)
    assert f'href="{CREATE}"' not in text(client_of(vera), LIST)


def test_creating_an_instance(omar: Actor, client_of: ClientOf) -> None:
    group = create_resource_group(actor=omar, name="production")
    client = client_of(omar)
    assert "production" in text(client, CREATE)
    form = {"name": "backbone", "description": "sites", "resource_group": group.public_id}
    response = client.post(CREATE, form, follow=True)
    cen = Cen.objects.get()
    assert response.redirect_chain == [(url("detail", cen.public_id), 302)]
    assert (cen.name, cen.description, cen.resource_group) == ("backbone", "sites", group)


def test_without_a_group_it_goes_to_the_default_one(omar: Actor, client_of: ClientOf) -> None:
    client_of(omar).post(CREATE, {"name": "backbone"})
    assert Cen.objects.get().resource_group.is_default


def test_another_accounts_group_is_no_choice(omar: Actor, sam: Actor, client_of: ClientOf) -> None:
    theirs = create_resource_group(actor=sam, name="theirs")
    response = client_of(omar).post(CREATE, {"name": "x", "resource_group": theirs.public_id})
    assert response.status_code == 422
    assert not Cen.objects.exists()


def test_a_refusal_stands_at_its_field(omar: Actor, client_of: ClientOf) -> None:
    shown = client_of(omar).post(CREATE, {"name": "https://x"}).content.decode()
    assert "May not start with" in shown
    assert 'aria-invalid="true"' in shown


def test_the_page_of_an_instance_unfolds_one_transit_router(omar: Actor, client_of: ClientOf) -> None:
    first = router_of(omar, cidrs=["10.10.0.0/24"])
    second = router_of(omar, cen=first.cen, region=SHANGHAI, cidrs=["10.20.0.0/24"])
    connection = connection_of(omar, routes=["192.168.0.0/16"])
    attached_to(second, omar, connection)
    client = client_of(omar)
    where = url("detail", first.cen.public_id)
    shown = text(client, where)
    assert "10.10.0.0/24" in shown
    assert "10.20.0.0/24" not in shown
    shown = text(client, f"{where}?transit_router={second.public_id}")
    for word in ("10.20.0.0/24", "192.168.0.0/16", connection.attachment.public_id, "Waits for a tunnel"):
        assert word in shown
    assert reverse("connections:detail", args=[connection.public_id]) in shown


def test_creating_a_transit_router(omar: Actor, client_of: ClientOf) -> None:
    cen = cen_of(omar)
    client = client_of(omar)
    client.get(f"{reverse('gateways:list')}?region={SHANGHAI}")
    where = url("create-router", cen.public_id)
    assert f'<option value="{SHANGHAI}" selected' in text(client, where)
    form = {"region": SHANGHAI, "name": "sh", "cidrs": "10.10.0.0/24\r\n10.20.0.0/24, 10.30.0.0/24"}
    response = client.post(where, form, follow=True)
    router = TransitRouter.objects.get()
    assert response.redirect_chain[-1][0].endswith(f"?transit_router={router.public_id}")
    assert [block.cidr for block in router.cidrs.all()] == ["10.10.0.0/24", "10.20.0.0/24", "10.30.0.0/24"]
    # A region that is served already is no choice any more.
    assert f'<option value="{SHANGHAI}"' not in text(client, where)


def test_a_refused_block_of_several_stands_at_their_field(omar: Actor, client_of: ClientOf) -> None:
    cen = cen_of(omar)
    form = {"region": HANGZHOU, "cidrs": "10.10.0.0/24 10.20.0.0/25"}
    shown = client_of(omar).post(url("create-router", cen.public_id), form).content.decode()
    assert "10.20.0.0/25 has the wrong size" in shown
    assert not TransitRouter.objects.exists()


def test_blocks_are_added_and_deleted(omar: Actor, client_of: ClientOf) -> None:
    router = router_of(omar)
    client = client_of(omar)
    add = url("add-cidr", router.public_id)
    shown = client.post(add, {"cidr": "10.10.0.0/30"}).content.decode()
    assert "has the wrong size" in shown
    assert 'value="10.10.0.0/30"' in shown
    client.post(add, {"cidr": "10.10.0.0/24", "name": "tunnels"})
    block = TransitRouterCidr.objects.get()
    remove = url("remove-cidr", block.public_id)
    assert "10.10.0.0/24" in text(client, remove)
    client.post(remove)
    assert not TransitRouterCidr.objects.exists()


def test_groups_are_made_and_deleted_on_the_list_page(omar: Actor, client_of: ClientOf) -> None:
    client = client_of(omar)
    assert "Type a name" in client.post(url("create-group"), {"name": " "}).content.decode()
    assert client.post(url("create-group"), {"name": "production"}).status_code == 302
    group = ResourceGroup.objects.get(is_default=False)
    assert group.public_id in text(client, LIST)
    assert "Only the group is removed" in text(client, url("delete-group", group.public_id))
    client.post(url("delete-group", group.public_id))
    assert not ResourceGroup.objects.filter(is_default=False).exists()


def test_deletions_ask_first_and_go_from_the_inside_out(omar: Actor, client_of: ClientOf) -> None:
    router = router_of(omar, cidrs=["10.10.0.0/24"])
    client = client_of(omar)
    delete_cen, delete_router = url("delete", router.cen.public_id), url("delete-router", router.public_id)
    assert router.public_id in text(client, delete_cen)
    assert "btn-danger" not in text(client, delete_cen)
    assert router.public_id in client.post(delete_cen).content.decode()
    assert "10.10.0.0/24" in text(client, delete_router)
    assert client.post(delete_router).status_code == 302
    assert client.post(delete_cen).status_code == 302
    assert not Cen.objects.exists()


def test_what_is_in_use_says_by_what(omar: Actor, client_of: ClientOf) -> None:
    router = router_of(omar, cidrs=["10.10.0.0/24"])
    connection = connection_of(omar, name="to Berlin", addresses=("10.10.0.1", "10.10.0.2"))
    attached_to(router, omar, connection)
    client = client_of(omar)
    named = f"to Berlin ({connection.public_id})"
    for where in (url("delete-router", router.public_id), url("remove-cidr", router.cidrs.get().public_id)):
        assert named in text(client, where)
        assert named in client.post(where).content.decode()
    assert TransitRouterCidr.objects.exists()


def test_as_many_queries_for_ten_as_for_one(
    omar: Actor, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    client = client_of(omar)
    client.get(LIST)
    router = router_of(omar, cidrs=["10.10.0.0/24", "10.20.0.0/24"])
    for number in range(9):
        router_of(omar)
        attached_to(router, omar, connection_of(omar, routes=[f"192.168.{number}.0/24"]))
    with django_assert_max_num_queries(7):  # session, user, membership, groups, rows, routers, blocks
        assert client.get(LIST).status_code == 200
    where = url("detail", router.cen.public_id)
    with django_assert_max_num_queries(9):  # …, instance, routers, blocks, table, routes, attachments
        assert client.get(where).status_code == 200


def writing_urls(router: TransitRouter, group: ResourceGroup) -> list[str]:
    return [
        url("delete", router.cen.public_id),
        url("create-router", router.cen.public_id),
        url("delete-router", router.public_id),
        url("add-cidr", router.public_id),
        url("remove-cidr", router.cidrs.get().public_id),
        url("delete-group", group.public_id),
    ]


def test_a_stranger_finds_nothing(omar: Actor, sam: Actor, client_of: ClientOf) -> None:
    router = router_of(omar, cidrs=["10.10.0.0/24"])
    group = create_resource_group(actor=omar, name="production")
    client = client_of(sam)
    assert client.get(url("detail", router.cen.public_id)).status_code == 404
    form = {"region": SHANGHAI, "cidr": "10.20.0.0/24"}
    for where in writing_urls(router, group):
        assert client.post(where, form).status_code == 404
        assert client.get(where).status_code in (404, 405)
    assert router.cen.public_id not in text(client, LIST)
    assert (TransitRouter.objects.count(), TransitRouterCidr.objects.count()) == (1, 1)


def test_a_viewer_looks_and_does_not_touch(omar: Actor, vera: Actor, client_of: ClientOf) -> None:
    router = router_of(omar, cidrs=["10.10.0.0/24"])
    group = create_resource_group(actor=omar, name="production")
    client = client_of(vera)
    places = writing_urls(router, group)
    for where in (LIST, url("detail", router.cen.public_id)):
        shown = text(client, where)
        assert not [place for place in (*places, CREATE, url("create-group")) if f'"{place}' in shown]
    for where in (*places, CREATE, url("create-group")):
        assert client.post(where, {"region": SHANGHAI, "name": "x"}).status_code == 403
    assert (Cen.objects.count(), TransitRouter.objects.count()) == (1, 1)


def test_nobody_in_particular_is_sent_to_sign_in(db: None, client: Client) -> None:
    response = client.get(LIST)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("signin"))
