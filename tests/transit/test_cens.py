"""A CEN instance is made in a resource group, and goes only when it is empty."""

import pytest
from cloud_rows import answer, cen_of, last_audit, only, router_of

from accounts.actor import Actor
from accounts.refusal import Refused
from transit.models import Cen
from transit.queries import cens_of
from transit.services import create_cen, create_resource_group, default_resource_group, delete_cen

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_a_new_instance_is_active_and_in_the_default_group(omar: Actor) -> None:
    cen = create_cen(actor=omar, name="backbone", description="between the sites")
    assert (cen.status, cen.account) == (Cen.Status.ACTIVE, omar.account)
    assert cen.public_id.startswith("cen-")
    assert cen.resource_group == default_resource_group(omar.account)
    event = last_audit(omar)
    assert (event.action, event.target, event.actor) == ("cen.create", cen.public_id, omar.user)


def test_it_can_be_put_in_a_group_of_its_own(omar: Actor) -> None:
    group = create_resource_group(actor=omar, name="production")
    assert create_cen(actor=omar, resource_group=group).resource_group == group


def test_it_is_never_put_in_another_accounts_group(omar: Actor, sam: Actor) -> None:
    theirs = create_resource_group(actor=sam, name="theirs")
    with pytest.raises(Refused) as refused:
        create_cen(actor=omar, resource_group=theirs)
    assert answer(refused.value) == [("resource_group", "resource_group_unknown")]


@pytest.mark.parametrize(
    ("name", "description", "expected"),
    [
        ("n" * 128, "d" * 256, []),
        ("", "", []),
        ("n" * 129, "", [("name", "text_too_long")]),
        ("", "d" * 257, [("description", "text_too_long")]),
        ("http://x", "HTTPS://x", [("name", "text_is_link"), ("description", "text_is_link")]),
        ("two\nlines", "", [("name", "text_control_character")]),
    ],
)
def test_names_may_be_longer_than_elsewhere_but_no_links(
    omar: Actor, name: str, description: str, expected: list[tuple[str, str]]
) -> None:
    found: list[tuple[str, str]] = []
    try:
        create_cen(actor=omar, name=name, description=description)
    except Refused as refused:
        found = answer(refused)
    assert found == expected
    assert Cen.objects.count() == (0 if expected else 1)


def test_the_longest_length_is_told(omar: Actor) -> None:
    with pytest.raises(Refused) as refused:
        create_cen(actor=omar, name="n" * 129)
    assert only(refused.value).params == {"max": 128}


def test_deleting_an_empty_instance(omar: Actor) -> None:
    cen = cen_of(omar)
    delete_cen(actor=omar, cen=cen)
    assert not Cen.objects.exists()
    assert last_audit(omar).action == "cen.delete"


def test_deleting_twice_is_deleting_once(omar: Actor) -> None:
    cen = cen_of(omar)
    same = Cen.objects.get()
    delete_cen(actor=omar, cen=cen)
    delete_cen(actor=omar, cen=same)
    assert [event.action for event in omar.account.audit_events.all()] == ["cen.delete", "cen.create"]


def test_it_stays_while_it_has_transit_routers_and_names_them(omar: Actor) -> None:
    router = router_of(omar)
    with pytest.raises(Refused) as refused:
        delete_cen(actor=omar, cen=router.cen)
    finding = only(refused.value)
    assert finding.code == "cen_has_transit_router"
    assert finding.params == {"transit_router": router.public_id, "region": "cn-hangzhou"}
    assert Cen.objects.filter(pk=router.cen.pk).exists()


def test_accounts_see_their_own_only(omar: Actor, sam: Actor) -> None:
    mine, theirs = cen_of(omar), cen_of(sam)
    assert list(cens_of(omar.account)) == [mine]
    assert list(cens_of(sam.account)) == [theirs]


def test_newest_first_and_by_group(omar: Actor) -> None:
    group = create_resource_group(actor=omar, name="production")
    first, second = cen_of(omar), create_cen(actor=omar, resource_group=group)
    assert list(cens_of(omar.account)) == [second, first]
    assert list(cens_of(omar.account, group)) == [second]
