"""What the creation page can offer in a region, and why it cannot offer the rest."""

from typing import Any

import pytest
from cloud_rows import HANGZHOU, SHANGHAI, cen_of, router_of

from accounts.actor import Actor
from transit.models import TransitRouter
from transit.queries import bindable_cens
from transit.services import create_cen, create_resource_group
from wording.message import message

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_with_the_transit_router_of_the_region(omar: Actor, sam: Actor) -> None:
    router = router_of(omar, cidrs=["10.10.0.0/24"])
    router_of(omar, cen=router.cen, region=SHANGHAI)
    router_of(sam)
    (choice,) = bindable_cens(omar.account, HANGZHOU)
    assert (choice.cen_id, choice.router_id) == (router.cen.public_id, router.public_id)
    assert choice.obstacle is None


def test_without_one_it_says_so(omar: Actor) -> None:
    cen_of(omar)
    (choice,) = bindable_cens(omar.account, HANGZHOU)
    assert choice.router_id == ""
    assert choice.obstacle is not None
    assert (choice.obstacle.field, choice.obstacle.code) == ("cen", "transit_router_missing")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"edition": "Basic"}, "transit_router_not_enterprise"),
        ({"status": "Upgrading"}, "transit_router_not_active"),
    ],
)
def test_with_one_that_is_not_fit_it_says_so(omar: Actor, change: dict[str, str], code: str) -> None:
    router = router_of(omar)
    TransitRouter.objects.update(**change)
    (choice,) = bindable_cens(omar.account, HANGZHOU)
    assert choice.obstacle is not None
    assert choice.obstacle.code == code
    assert router.public_id in message(choice.obstacle)


def test_each_says_its_resource_group(omar: Actor) -> None:
    group = create_resource_group(actor=omar, name="production")
    cen_of(omar)
    create_cen(actor=omar, resource_group=group)
    choices = bindable_cens(omar.account, HANGZHOU)
    told = [(one.group_name, one.in_default_group) for one in choices]
    assert told == [("production", False), ("default", True)]
    assert choices[0].group_id == group.public_id


def test_however_many_in_one_query(omar: Actor, django_assert_num_queries: Any) -> None:
    routers = [router_of(omar) for _ in range(5)]
    for router in routers:
        router_of(omar, cen=router.cen, region=SHANGHAI)
    with django_assert_num_queries(1):
        choices = bindable_cens(omar.account, HANGZHOU)
    assert [one.router_id for one in reversed(choices)] == [router.public_id for router in routers]
