"""Gateway addresses of tunnels: handed out from pools without scanning what is in use.

A pool remembers the first offset that it never handed out, and the addresses that came back. Both are claimed
by a conditional write, so that two transactions never get the same one.
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network
from typing import Final, Literal

from django.conf import settings
from django.db import transaction

from accounts.refusal import refuse
from transit.models import AddressPool, ReturnedAddress, TransitRouter

PUBLIC: Final[Literal["public"]] = "public"
PoolOf = TransitRouter | Literal["public"]
Taken = Callable[[str], bool]


def allocate(*, pool_of: PoolOf, taken: Taken) -> str:
    """An address for one tunnel: from the public pool, or from the CIDR blocks of a transit router.

    `taken` tells of addresses that are in use without having been handed out here: typed by hand, a customer
    gateway's, another transit router's with the same block. They are passed over. `Refused` with
    `allocate_cidr_failed` where the transit router has no block, with `gateway_pool_exhausted` where every
    address is in use.
    """
    with transaction.atomic():
        pools = _pools(pool_of)
        for pool in pools:
            address = _claim_returned(pool, taken) or _claim_fresh(pool, taken)
            if address:
                return address
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
    """Made on first use. The transit router is locked: no block goes while an address is taken from it."""
    if not isinstance(pool_of, TransitRouter):
        return [AddressPool.objects.get_or_create(cidr=settings.GATEWAY_POOL, transit_router_cidr=None)[0]]
    TransitRouter.objects.select_for_update(no_key=True).filter(pk=pool_of.pk).first()
    return [
        AddressPool.objects.get_or_create(transit_router_cidr=block, defaults={"cidr": block.cidr})[0]
        for block in pool_of.cidrs.all()
    ]


def _claim_returned(pool: AddressPool, taken: Taken) -> str | None:
    returned = ReturnedAddress.objects.filter(pool=pool)
    for key, address in returned.order_by("pk").values_list("pk", "address").iterator(chunk_size=50):
        if not taken(address) and returned.filter(pk=key).delete()[0]:
            return address
    return None


def _claim_fresh(pool: AddressPool, taken: Taken) -> str | None:
    network = IPv4Network(pool.cidr)
    pools = AddressPool.objects.filter(pk=pool.pk)
    while True:
        seen = pools.values_list("next_offset", flat=True).get()
        usable = range(seen, network.num_addresses - 1)  # without the network's and the broadcast address
        offset = next((offset for offset in usable if not taken(str(network[offset]))), None)
        if offset is None:
            return None
        if pools.filter(next_offset=seen).update(next_offset=offset + 1):
            return str(network[offset])
