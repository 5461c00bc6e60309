"""Resource groups sort CEN instances; the default one is always there."""

import pytest
from cloud_rows import answer, at_once, last_audit, only

from accounts.actor import Actor
from accounts.refusal import Refused
from transit.models import ResourceGroup
from transit.queries import resource_groups
from transit.services import (
    create_cen,
    create_resource_group,
    default_resource_group,
    delete_resource_group,
)

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_the_default_group_is_made_once(omar: Actor) -> None:
    assert default_resource_group(omar.account) == default_resource_group(omar.account)
    assert ResourceGroup.objects.filter(account=omar.account).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_default_group_is_made_once_even_by_many_at_once(omar: Actor) -> None:
    groups = at_once([lambda: default_resource_group(omar.account)] * 6)
    assert len({group.pk for group in groups if isinstance(group, ResourceGroup)}) == 1
    assert ResourceGroup.objects.count() == 1


def test_a_group_of_ones_own(omar: Actor) -> None:
    group = create_resource_group(actor=omar, name="  production ")
    assert (group.name, group.is_default) == ("production", False)
    assert last_audit(omar).action == "resource_group.create"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (" ", "resource_group_name_required"),
        ("n" * 51, "text_too_long"),
        ("https://x", "text_is_link"),
        ("production", "resource_group_exists"),
        ("default", "resource_group_exists"),
    ],
)
def test_names_are_there_short_and_different(omar: Actor, name: str, code: str) -> None:
    create_resource_group(actor=omar, name="production")
    with pytest.raises(Refused) as refused:
        create_resource_group(actor=omar, name=name)
    assert answer(refused.value) == [("name", code)]


def test_two_accounts_may_use_one_name(omar: Actor, sam: Actor) -> None:
    mine = create_resource_group(actor=omar, name="production")
    theirs = create_resource_group(actor=sam, name="production")
    assert mine in resource_groups(omar.account)
    assert theirs not in resource_groups(omar.account)


@pytest.mark.django_db(transaction=True)
def test_one_name_at_the_same_moment_makes_one_group(omar: Actor) -> None:
    answers = at_once([lambda: create_resource_group(actor=omar, name="production")] * 4)
    refusals = [answer(one) for one in answers if isinstance(one, Refused)]
    assert refusals == [[("name", "resource_group_exists")]] * 3


def test_the_default_group_stays(omar: Actor) -> None:
    with pytest.raises(Refused) as refused:
        delete_resource_group(actor=omar, resource_group=default_resource_group(omar.account))
    assert answer(refused.value) == [("", "resource_group_default")]


def test_a_group_in_use_stays_and_says_by_what(omar: Actor) -> None:
    group = create_resource_group(actor=omar, name="production")
    cen = create_cen(actor=omar, name="backbone", resource_group=group)
    with pytest.raises(Refused) as refused:
        delete_resource_group(actor=omar, resource_group=group)
    assert only(refused.value).code == "resource_group_in_use"
    assert only(refused.value).params == {"cen": f"backbone ({cen.public_id})"}


def test_an_empty_group_goes(omar: Actor) -> None:
    group = create_resource_group(actor=omar, name="production")
    delete_resource_group(actor=omar, resource_group=group)
    assert [one.is_default for one in resource_groups(omar.account)] == [True]
    assert last_audit(omar).action == "resource_group.delete"
