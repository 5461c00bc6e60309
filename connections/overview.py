"""The start page: how the account's connections do in all regions, what is broken, and where all lies."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from accounts.models import Account
from accounts.pulse import mark
from connections.fleet import tallies
from connections.fleet.models import BROKEN, WORST_FIRST, Level, TunnelHealth
from gateways.models import CustomerGateway
from prepared.queries import prepared
from transit.models import TransitRouter

SHOWN: Final = 20
"""Broken tunnels on the page; the list has the others."""
MOST_ROUTERS: Final = 500
COUNTED: Final = 1000


@dataclass(frozen=True, slots=True)
class Router:
    """A transit router and how its connections do."""

    cen_id: str
    cen_name: str
    region: str
    levels: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Overview:
    levels: Mapping[int, int]
    """How many connections there are of each level."""
    regions: Mapping[str, Mapping[int, int]]
    broken: Sequence[TunnelHealth]
    more_broken: bool
    routers: Sequence[Router]
    gateways: int
    """At most one more than `COUNTED`."""

    @property
    def connections(self) -> int:
        return sum(self.levels.values())

    @property
    def is_empty(self) -> bool:
        return not (self.connections or self.routers or self.gateways)

    @property
    def version(self) -> str:
        """Another one whenever what the page shows is another."""
        broken = [(row.pk, row.level, row.status, row.cause, row.since) for row in self.broken]
        routers = [(one.cen_id, one.cen_name, one.region, sorted(one.levels.items())) for one in self.routers]
        regions = sorted((region, sorted(levels.items())) for region, levels in self.regions.items())
        return mark(broken, routers, regions, self.gateways)


def overview(account: Account) -> Overview:
    """Each of its reads is as quick for many connections as for few."""
    counts = tallies.counts(account)
    levels: Counter[int] = Counter()
    regions: dict[str, Counter[int]] = {}
    routers: dict[int | None, Counter[int]] = {}
    for (region, router, level), number in counts.items():
        levels[level] += number
        regions.setdefault(region, Counter())[level] += number
        routers.setdefault(router, Counter())[level] += number
    broken = _broken(account.pk)
    gateways = CustomerGateway.objects.filter(account=account)[: COUNTED + 1].count()
    return Overview(
        levels, regions, broken[:SHOWN], len(broken) > SHOWN, _routers(account, routers), gateways
    )


@prepared
def _broken(account: int) -> "QuerySet[TunnelHealth, TunnelHealth]":
    """Newest first, and one more than is shown."""
    rows = TunnelHealth.objects.filter(account=account, level__in=BROKEN).order_by("-since", "-tunnel")
    rows = rows.select_related("connection", "tunnel__run", "tunnel__customer_gateway")[: SHOWN + 1]
    return rows.only(
        "level", "status", "cause", "since",
        "connection__public_id", "connection__name", "connection__region",
        "tunnel__public_id", "tunnel__index",
        "tunnel__customer_gateway__name", "tunnel__customer_gateway__address",
        "tunnel__run__status", "tunnel__run__negotiating", "tunnel__run__cause", "tunnel__run__blocked",
        "tunnel__run__bgp_status", "tunnel__run__out_of_service", "tunnel__run__waiting_for_traffic",
    )  # fmt: skip


def _routers(account: Account, levels: Mapping[int | None, Mapping[int, int]]) -> list[Router]:
    found = _named_routers(account.pk)
    return [Router(cen_id, name or cen_id, region, levels.get(pk, {})) for pk, cen_id, name, region in found]


@prepared
def _named_routers(account: int) -> "QuerySet[TransitRouter, tuple[int, str, str, str]]":
    rows = TransitRouter.objects.filter(cen__account=account).order_by("cen__name", "cen", "region")
    return rows.values_list("pk", "cen__public_id", "cen__name", "region")[:MOST_ROUTERS]


def worst(levels: Mapping[int, int]) -> Level | None:
    """What stands out among so many."""
    return next((level for level in WORST_FIRST if levels.get(level)), None)
