"""Gateway addresses come from pools: none twice, none that is taken, none scanned for."""

from collections.abc import Iterable
from functools import partial
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from cloud_rows import answer, at_once, only, router_of
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.refusal import Refused
from transit.addresses import PUBLIC, PoolOf, allocate, release
from transit.models import AddressPool, ReturnedAddress, TransitRouter, TransitRouterCidr

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def take(pool_of: PoolOf = PUBLIC, taken: Iterable[str] = ()) -> str:
    """One, in a transaction of its own."""
    (address,) = take_several(1, pool_of, taken)
    return address


def take_several(number: int, pool_of: PoolOf = PUBLIC, taken: Iterable[str] = ()) -> list[str]:
    with transaction.atomic():
        return allocate(pool_of=pool_of, taken=lambda asked: {*asked} & {*taken}, number=number)


@pytest.fixture
def tiny_pool(settings: Any) -> IPv4Network:
    """Six addresses."""
    settings.GATEWAY_POOL = "198.18.0.0/29"
    return IPv4Network(settings.GATEWAY_POOL)


def private_router(actor: Actor, *cidrs: str) -> TransitRouter:
    """With blocks that are smaller than the rules allow, to reach their ends."""
    router = router_of(actor)
    for cidr in cidrs:
        TransitRouterCidr.objects.create(transit_router=router, cidr=cidr)
    return router


def test_public_addresses_come_from_the_consoles_pool(db: None, settings: Any) -> None:
    addresses = [take() for _ in range(3)]
    assert addresses == ["198.18.0.1", "198.18.0.2", "198.18.0.3"]
    assert AddressPool.objects.get().cidr == settings.GATEWAY_POOL


def test_neither_the_networks_nor_the_broadcast_address(tiny_pool: IPv4Network, db: None) -> None:
    addresses = [take() for _ in range(6)]
    assert addresses == [str(host) for host in tiny_pool.hosts()]


def test_an_exhausted_pool_is_named(tiny_pool: IPv4Network, db: None) -> None:
    for _ in range(6):
        take()
    with pytest.raises(Refused) as refused:
        take()
    assert only(refused.value).code == "gateway_pool_exhausted"
    assert only(refused.value).params == {"pool": "198.18.0.0/29"}


def test_a_returned_address_is_the_next_one(db: None) -> None:
    first, second = take(), take()
    release(second, pool_of=PUBLIC)
    release(first, pool_of=PUBLIC)
    assert [take(), take(), take()] == [second, first, "198.18.0.3"]


def test_giving_back_twice_is_giving_back_once(db: None) -> None:
    address = take()
    release(address, pool_of=PUBLIC)
    release(address, pool_of=PUBLIC)
    assert take() == address
    assert take() != address


@pytest.mark.parametrize("address", ["198.18.0.2", "198.18.0.0", "192.0.2.1", "10.0.0.1"])
def test_what_was_never_handed_out_is_not_handed_out_twice(db: None, address: str) -> None:
    """An address that was set by hand stands in front of the pool's mark, or outside it."""
    take()
    release(address, pool_of=PUBLIC)
    assert not ReturnedAddress.objects.exists()
    assert [take(), take()] == ["198.18.0.2", "198.18.0.3"]


def test_taken_addresses_are_passed_over(db: None) -> None:
    taken = {"198.18.0.1", "198.18.0.3"}
    assert [take(taken=taken) for _ in range(2)] == ["198.18.0.2", "198.18.0.4"]


def test_a_returned_address_that_is_taken_waits(db: None) -> None:
    first, second = take(), take()
    release(first, pool_of=PUBLIC)
    release(second, pool_of=PUBLIC)
    assert take(taken={first}) == second
    assert take() == first


def test_several_are_taken_at_once_from_wherever_some_are_left(omar: Actor) -> None:
    router = private_router(omar, "10.10.0.0/30", "10.20.0.0/29")
    assert take_several(2, router) == ["10.10.0.1", "10.10.0.2"]
    release("10.10.0.2", pool_of=router)
    assert take_several(3, router, ["10.20.0.1"]) == ["10.10.0.2", "10.20.0.2", "10.20.0.3"]


def test_where_too_few_are_left_none_is_taken(tiny_pool: IPv4Network, db: None) -> None:
    take_several(4)
    with pytest.raises(Refused) as refused:
        take_several(3)
    assert answer(refused.value) == [("", "gateway_pool_exhausted")]
    assert take_several(2) == ["198.18.0.5", "198.18.0.6"]


def test_a_pool_of_taken_addresses_is_exhausted(tiny_pool: IPv4Network, db: None) -> None:
    with pytest.raises(Refused) as refused:
        take(taken=[*map(str, tiny_pool)])
    assert answer(refused.value) == [("", "gateway_pool_exhausted")]
    assert take() == "198.18.0.1"


def test_private_addresses_come_from_the_transit_routers_blocks_in_order(omar: Actor) -> None:
    router = private_router(omar, "10.10.0.0/30", "10.20.0.0/30")
    addresses = [take(router) for _ in range(4)]
    assert addresses == ["10.10.0.1", "10.10.0.2", "10.20.0.1", "10.20.0.2"]
    with pytest.raises(Refused) as refused:
        take(router)
    assert only(refused.value).params == {"pool": "10.10.0.0/30, 10.20.0.0/30"}
    release("10.20.0.1", pool_of=router)
    assert take(router) == "10.20.0.1"


def test_a_transit_router_without_a_block_has_no_address_to_give(omar: Actor) -> None:
    router = router_of(omar)
    with pytest.raises(Refused) as refused:
        take(router)
    assert only(refused.value).code == "allocate_cidr_failed"
    assert only(refused.value).params == {"transit_router": router.public_id}


def test_equal_blocks_of_two_transit_routers_are_two_pools(omar: Actor, sam: Actor) -> None:
    mine, theirs = private_router(omar, "10.10.0.0/24"), private_router(sam, "10.10.0.0/24")
    assert take(mine) == take(theirs)
    release("10.10.0.1", pool_of=theirs)
    assert (take(mine), take(theirs)) == ("10.10.0.2", "10.10.0.1")


def test_the_thousandth_address_costs_what_the_first_did(db: None, django_assert_num_queries: Any) -> None:
    take()
    AddressPool.objects.update(next_offset=100_000)
    with django_assert_num_queries(4):  # savepoint, pool, mark, savepoint
        take_several(2)


STEPS = st.lists(
    st.one_of(
        st.just(("take", 0)),
        st.tuples(st.just("release"), st.integers(0, 7)),
        st.tuples(st.just("occupy"), st.integers(0, 7)),
    ),
    max_size=30,
)


@given(steps=STEPS)
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_address_twice_and_none_taken(
    tiny_pool: IPv4Network, db: None, steps: list[tuple[str, int]]
) -> None:
    """Whatever is taken, given back or set by hand in whatever order."""
    AddressPool.objects.all().delete()
    in_use: set[str] = set()
    by_hand: set[str] = set()
    for verb, position in steps:
        address = str(tiny_pool[position])
        if verb == "occupy" and address not in in_use:
            by_hand.add(address)
        elif verb == "release" and address in in_use | by_hand:
            in_use.discard(address)
            by_hand.discard(address)
            release(address, pool_of=PUBLIC)
        elif verb == "take":
            free = {str(host) for host in tiny_pool.hosts()} - in_use - by_hand
            try:
                given_out = take(taken=by_hand)
            except Refused:
                assert not free  # nothing leaks: it refuses only when everything is in use
                continue
            assert given_out in free
            in_use.add(given_out)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_different_addresses() -> None:
    for _ in range(4):
        take()
    for host in (2, 3):
        release(f"198.18.0.{host}", pool_of=PUBLIC)
    answers = at_once([take] * 8)
    addresses = {IPv4Address(str(one)) for one in answers}
    assert len(addresses) == 8
    assert {IPv4Address("198.18.0.2"), IPv4Address("198.18.0.3")} < addresses


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_different_pairs() -> None:
    pairs = at_once([partial(take_several, 2)] * 6)
    assert len({address for pair in pairs if isinstance(pair, list) for address in pair}) == 12


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_public_pool() -> None:
    assert len(set(at_once([take] * 6))) == 6
    assert AddressPool.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_different_private_addresses(omar: Actor) -> None:
    router = private_router(omar, "10.10.0.0/24")
    assert len(set(at_once([partial(take, router)] * 6))) == 6
