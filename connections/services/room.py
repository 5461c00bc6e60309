"""The room that quotas leave for one more connection: in a region, and at a transit router."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from accounts import quotas
from accounts.models import QuotaName
from ipsec.findings import Finding
from transit.models import TransitRouter

IN_REGION: Final = QuotaName.CONNECTIONS_PER_REGION
AT_ROUTER: Final = QuotaName.CONNECTIONS_PER_TRANSIT_ROUTER


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a quota is used: there are `count`, and may be `limit`."""

    quota: QuotaName
    limit: int
    count: int

    @property
    def is_full(self) -> bool:
        return self.count >= self.limit


def full(rooms: Iterable[Room]) -> Iterator[Finding]:
    """What is said where there is no room for one more."""
    for room in rooms:
        if room.is_full:
            field = "cen" if room.quota == AT_ROUTER else "region"
            yield Finding(field, "quota_full", params={"name": room.quota.value, "limit": room.limit})


def room_at(router: TransitRouter) -> Room:
    """By the quota of the account that the transit router is of."""
    return Room(AT_ROUTER, quotas.limit(router.cen.account, AT_ROUTER), router.vpn_attachments.count())
