"""The room that quotas leave for one more connection: in a region, and at a transit router."""

from collections.abc import Iterable, Iterator
from typing import Final

from accounts.models import QuotaName
from accounts.quotas import Room, room
from ipsec.findings import Finding
from transit.models import TransitRouter

IN_REGION: Final = QuotaName.CONNECTIONS_PER_REGION
AT_ROUTER: Final = QuotaName.CONNECTIONS_PER_TRANSIT_ROUTER


def full(rooms: Iterable[Room]) -> Iterator[Finding]:
    """What is said where there is no room for one more."""
    for one in rooms:
        yield from one.check("cen" if one.quota == AT_ROUTER else "region")


def room_at(router: TransitRouter) -> Room:
    """By the quota of the account that the transit router is of."""
    return room(router.cen.account, AT_ROUTER, router.vpn_attachments.count())
