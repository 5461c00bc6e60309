"""Gateway addresses of tunnels: handed out from pools without scanning what is in use.

A pool remembers the first offset that it never handed out, and the addresses that came back. It is locked
while addresses are taken from it, so that two transactions never get the same one.
"""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from ipaddress import IPv4Address, IPv4Network
from itertools import islice
from typing import Final, Literal

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from accounts.refusal import refuse
from prepared.queries import prepared
from transit.models import AddressPool, ReturnedAddress, TransitRouter

PUBLIC: Final[Literal["public"]] = "public"
PoolOf = TransitRouter | Literal["public"]
Taken = Callable[[Sequence[str]], AbstractSet[str]]
MOST_AT_ONCE: Final = 500
"""Addresses that are looked at together: SQLite takes not many more values in one statement."""


def allocate(*, pool_of: PoolOf, taken: Taken, number: int) -> list[str]:
    """An address for each of so many tunnels: from the public pool, or from the CIDR blocks of a transit
    router. In the caller's transaction, which ends with a refusal.

    `taken` tells which of some addresses are in use without having been handed out here: typed by hand, a
    customer gateway's, another transit router's with the same block. They are passed over. `Refused` with
    `allocate_cidr_failed` where the transit router has no block, with `gateway_pool_exhausted` where not
    enough addresses are left.
    """
    pools = _pools(pool_of)
    found: list[str] = []
    for pool in pools:
        found += _claim_returned(pool, taken, number - len(found))
        found += _claim_fresh(pool, taken, number - len(found))
    if len(found) == number:
        return found
    if isinstance(pool_of, TransitRouter) and not pools:
        raise refuse("transit_router", "allocate_cidr_failed", transit_router=pool_of.public_id)
    raise refuse("", "gateway_pool_exhausted", pool=", ".join(pool.cidr for pool in pools))


def release(address: str, *, pool_of: PoolOf) -> None:
    """Give an address back. One that lies in no pool, or was never handed out, only stops being used."""
    pools = (
        AddressPool.objects.filter(transit_router_cidr__transit_router=pool_of)
        if isinstance(pool_of, TransitRouter)
        else AddressPool.objects.filter(transit_router_cidr=None)
    )
    for pool in pools:
        offset = int(IPv4Address(address)) - int(IPv4Network(pool.cidr).network_address)
        # From `next_offset` on it will be handed out anyway; here too it would be handed out twice.
        if 0 < offset < pool.next_offset:
            returned = ReturnedAddress(pool=pool, address=address)
            ReturnedAddress.objects.bulk_create([returned], ignore_conflicts=True)


def _pools(pool_of: PoolOf) -> list[AddressPool]:
    """Locked, and made on first use. The transit router is locked, too: no block goes while an address is
    taken from it."""
    if not isinstance(pool_of, TransitRouter):
        return _public(settings.GATEWAY_POOL) or [
            _held().get_or_create(cidr=settings.GATEWAY_POOL, transit_router_cidr=None)[0]
        ]
    TransitRouter.objects.select_for_update(no_key=True).filter(pk=pool_of.pk).first()
    return [
        _held().get_or_create(transit_router_cidr=block, defaults={"cidr": block.cidr})[0]
        for block in pool_of.cidrs.all()
    ]


@prepared
def _public(cidr: str) -> QuerySet[AddressPool]:
    return _held().filter(cidr=cidr, transit_router_cidr=None)


def _held() -> QuerySet[AddressPool]:
    returned = Exists(ReturnedAddress.objects.filter(pool=OuterRef("pk")))
    return AddressPool.objects.select_for_update(no_key=True).annotate(any_returned=returned)


def _claim_returned(pool: AddressPool, taken: Taken, number: int) -> list[str]:
    if not number or not getattr(pool, "any_returned", False):  # to a pool made just now none came back
        return []
    waiting = pool.returned.order_by("pk").values_list("address", flat=True)[:MOST_AT_ONCE]
    found = _free(waiting, taken, number)
    if found:
        pool.returned.filter(address__in=found).delete()
    return found


def _claim_fresh(pool: AddressPool, taken: Taken, number: int) -> list[str]:
    network = IPv4Network(pool.cidr)
    usable = range(pool.next_offset, network.num_addresses - 1)  # without the network's and the broadcast
    found = _free((str(network[offset]) for offset in usable), taken, number)
    if found:
        pool.next_offset = int(IPv4Address(found[-1])) - int(network.network_address) + 1
        pool.save(update_fields=["next_offset"])
    return found


def _free(addresses: Iterable[str], taken: Taken, number: int) -> list[str]:
    """The first so many that nobody uses; more of them are looked at each time that too few are free."""
    left, at_once = iter(addresses), number
    found: list[str] = []
    while len(found) < number and (some := [*islice(left, at_once)]):
        in_use = taken(some)
        found += [address for address in some if address not in in_use]
        at_once = min(2 * at_once, MOST_AT_ONCE)
    return found[:number]
