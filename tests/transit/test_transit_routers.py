"""One Enterprise transit router per CEN and region, with its System route table and CIDR blocks."""

import pytest
from cloud_rows import (
    HANGZHOU,
    SHANGHAI,
    answer,
    at_once,
    attached_to,
    cen_of,
    connection_of,
    last_audit,
    only,
    router_of,
)

from accounts.actor import Actor
from accounts.refusal import Refused
from transit.models import RouteTable, TransitRouter, TransitRouterCidr
from transit.queries import system_table, transit_router_facts
from transit.services import create_transit_router, delete_cen, delete_transit_router

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_it_is_enterprise_active_and_has_a_system_table(omar: Actor) -> None:
    router = create_transit_router(
        actor=omar, cen=cen_of(omar), region=HANGZHOU, name="hz", cidrs=["10.10.0.0/24", "10.20.0.0/16"]
    )
    assert (router.edition, router.status) == ("Enterprise", "Active")
    assert system_table(router).kind == RouteTable.Kind.SYSTEM
    facts = transit_router_facts(router)
    assert facts.cidr_blocks == ("10.10.0.0/24", "10.20.0.0/16")
    assert (facts.transit_router_id, facts.edition, facts.status) == (
        router.public_id,
        "Enterprise",
        "Active",
    )
    event = last_audit(omar)
    assert (event.action, event.target) == ("transit_router.create", router.public_id)


def test_a_cen_has_one_per_region(omar: Actor) -> None:
    first = router_of(omar)
    router_of(omar, cen=first.cen, region=SHANGHAI)
    with pytest.raises(Refused) as refused:
        router_of(omar, cen=first.cen)
    assert answer(refused.value) == [("region", "transit_router_exists")]
    assert only(refused.value).params == {"region": HANGZHOU, "transit_router": first.public_id}
    router_of(omar)  # another CEN instance has its own


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_make_one(omar: Actor) -> None:
    cen = cen_of(omar)
    answers = at_once([lambda: router_of(omar, cen=cen)] * 4)
    refusals = [answer(one) for one in answers if isinstance(one, Refused)]
    assert refusals == [[("region", "transit_router_exists")]] * 3
    assert RouteTable.objects.count() == 1


@pytest.mark.parametrize(
    ("region", "cidrs", "expected"),
    [
        ("cn-atlantis", [], [("region", "region_unknown")]),
        (HANGZHOU, ["10.0.0.0/25"], [("cidrs.0", "transit_cidr_mask")]),
        (HANGZHOU, ["10.0.0.0/24", "10.0.0.0/24"], [("cidrs.1", "transit_cidr_overlap")]),
        (HANGZHOU, ["10.0.0.0/24", "10.0.0.0/16"], [("cidrs.1", "transit_cidr_overlap")]),
        (HANGZHOU, ["10.0.0.0/24", "100.64.0.0/16"], [("cidrs.1", "transit_cidr_forbidden")]),
        (HANGZHOU, ["10.0.0.1/24"], [("cidrs.0", "network_host_bits")]),
        (HANGZHOU, [f"10.{n}.0.0/24" for n in range(6)], [("cidrs", "transit_cidr_too_many")]),
    ],
)
def test_what_is_wrong_is_told_at_its_place(
    omar: Actor, region: str, cidrs: list[str], expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(Refused) as refused:
        router_of(omar, region=region, cidrs=cidrs)
    assert answer(refused.value) == expected
    assert not TransitRouter.objects.exists()


def test_a_cen_that_has_just_gone(omar: Actor) -> None:
    cen = cen_of(omar)
    delete_cen(actor=omar, cen=cen)
    cen.pk = 999_999
    with pytest.raises(Refused) as refused:
        create_transit_router(actor=omar, cen=cen, region=HANGZHOU)
    assert answer(refused.value) == [("cen", "cen_unknown")]


def test_it_goes_with_its_tables_and_blocks(omar: Actor) -> None:
    router = router_of(omar, cidrs=["10.10.0.0/24"])
    delete_transit_router(actor=omar, transit_router=router)
    assert not RouteTable.objects.exists()
    assert not TransitRouterCidr.objects.exists()
    assert last_audit(omar).action == "transit_router.delete"


def test_it_stays_while_connections_are_attached_and_names_each(omar: Actor) -> None:
    router = router_of(omar)
    one, other = connection_of(omar, name="to Berlin"), connection_of(omar, name="")
    attached_to(router, omar, one)
    attached_to(router, omar, other)
    with pytest.raises(Refused) as refused:
        delete_transit_router(actor=omar, transit_router=router)
    assert [finding.code for finding in refused.value.findings] == ["transit_router_in_use"] * 2
    named = [finding.params["connection"] for finding in refused.value.findings]
    assert named == [f"to Berlin ({one.public_id})", other.public_id]
    assert TransitRouter.objects.exists()
