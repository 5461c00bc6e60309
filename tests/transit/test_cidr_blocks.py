"""CIDR blocks of a transit router: few, apart from everything else, and there while they are used."""

import pytest
from cloud_rows import SHANGHAI, answer, attached_to, connection_of, last_audit, only, router_of

from accounts.actor import Actor
from accounts.models import Quota, QuotaName
from accounts.refusal import Refused
from transit.addresses import allocate
from transit.models import AddressPool, TransitRouterCidr
from transit.services import add_cidr, delete_transit_router, remove_cidr

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_a_block_is_added_and_told(omar: Actor) -> None:
    router = router_of(omar)
    block = add_cidr(actor=omar, transit_router=router, cidr="10.10.0.0/24", name="tunnels")
    assert [one.cidr for one in router.cidrs.all()] == ["10.10.0.0/24"]
    event = last_audit(omar)
    assert (event.action, event.target) == ("transit_router.add_cidr", router.public_id)
    assert event.detail == {"cidr": block.cidr, "name": "tunnels"}


def test_blocks_differ_across_the_whole_cen(omar: Actor) -> None:
    router = router_of(omar, cidrs=["10.10.0.0/24"])
    neighbour = router_of(omar, cen=router.cen, region=SHANGHAI)
    for one in (router, neighbour):
        with pytest.raises(Refused) as refused:
            add_cidr(actor=omar, transit_router=one, cidr="10.10.0.0/16")
        assert answer(refused.value) == [("cidr", "transit_cidr_overlap")]
    stranger = router_of(omar)  # of another CEN instance
    add_cidr(actor=omar, transit_router=stranger, cidr="10.10.0.0/24")
    assert TransitRouterCidr.objects.filter(cidr="10.10.0.0/24").count() == 2


def test_a_block_meets_no_network_that_a_connection_routes_to(omar: Actor) -> None:
    router = router_of(omar)
    attached_to(router, omar, connection_of(omar, routes=["192.168.0.0/16"]))
    with pytest.raises(Refused) as refused:
        add_cidr(actor=omar, transit_router=router, cidr="192.168.7.0/24")
    assert only(refused.value).params["other"] == "192.168.0.0/16"


def test_a_block_is_no_part_of_the_consoles_own_pool(omar: Actor) -> None:
    with pytest.raises(Refused) as refused:
        add_cidr(actor=omar, transit_router=router_of(omar), cidr="198.18.3.0/24")
    assert answer(refused.value) == [("cidr", "transit_cidr_overlap")]


def test_there_are_as_many_as_the_quota_says(omar: Actor) -> None:
    router = router_of(omar, cidrs=[f"10.{n}.0.0/24" for n in range(5)])
    with pytest.raises(Refused) as refused:
        add_cidr(actor=omar, transit_router=router, cidr="10.5.0.0/24")
    assert answer(refused.value) == [("cidr", "transit_cidr_too_many")]
    assert only(refused.value).params == {"max": 5}
    quota = Quota.objects.filter(account=omar.account, name=QuotaName.CIDRS_PER_TRANSIT_ROUTER)
    quota.update(limit=6)
    add_cidr(actor=omar, transit_router=router, cidr="10.5.0.0/24")
    assert router.cidrs.count() == 6


def test_nothing_is_added_to_what_has_just_gone(omar: Actor) -> None:
    router = router_of(omar)
    delete_transit_router(actor=omar, transit_router=router)
    router.pk = 999_999
    with pytest.raises(Refused) as refused:
        add_cidr(actor=omar, transit_router=router, cidr="10.10.0.0/24")
    assert answer(refused.value) == [("transit_router", "transit_router_missing")]


def test_an_unused_block_goes_with_its_pool(omar: Actor) -> None:
    router = router_of(omar, cidrs=["10.10.0.0/24"])
    allocate(pool_of=router, taken=lambda _: set(), number=1)
    remove_cidr(actor=omar, block=router.cidrs.get())
    assert not TransitRouterCidr.objects.exists()
    assert not AddressPool.objects.exists()
    assert last_audit(omar).action == "transit_router.remove_cidr"


def test_a_block_stays_while_tunnels_have_addresses_from_it(omar: Actor) -> None:
    router = router_of(omar, cidrs=["10.10.0.0/24", "10.20.0.0/24"])
    connection = connection_of(omar, name="", addresses=("10.10.0.7", "10.20.0.7"))
    attached_to(router, omar, connection)
    attached_to(router, omar, connection_of(omar, addresses=("198.18.0.7", None)))
    for block, tunnel in zip(router.cidrs.all(), (1, 2), strict=True):
        with pytest.raises(Refused) as refused:
            remove_cidr(actor=omar, block=block)
        finding = only(refused.value)
        assert finding.code == "cidr_in_use"
        address = f"10.{10 * tunnel}.0.7"
        assert finding.params == {"address": address, "tunnel": tunnel, "connection": connection.public_id}
