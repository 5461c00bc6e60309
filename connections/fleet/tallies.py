"""How many connections there are of each kind, without counting them. See `HealthTally`."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, QuerySet, Sum

from accounts.models import Account
from connections.fleet.models import HealthTally
from prepared.queries import prepared

BATCH: Final = 900
"""Rows of a kind folded at a time; SQLite takes not many more keys in one statement."""
MOST_BATCHES: Final = 100
KIND: Final = ("account_id", "region", "transit_router_id", "level")
Kind = tuple[str, int | None, int]
"""Region, key of the transit router, level."""


def counts(account: Account) -> Mapping[Kind, int]:
    """Of an account's connections."""
    summed = _summed(account.pk)
    return {(region, router, level): number for region, router, level, number in summed if number}


@prepared
def _summed(account: int) -> QuerySet[HealthTally, tuple[str, int | None, int, int]]:
    rows = HealthTally.objects.filter(account=account).values_list(*KIND[1:])
    return rows.annotate(sum=Sum("number"))


def fold() -> int:
    """Make one row of each kind's many: how many rows went. Safe to do at any time, twice, or never."""
    kinds = HealthTally.objects.values(*KIND).annotate(rows=Count("pk")).filter(rows__gt=1)
    return sum(_fold_kind({name: kind[name] for name in KIND}) for kind in kinds.order_by(*KIND))


def _fold_kind(kind: dict[str, Any]) -> int:
    """A batch after the other: after an outage of many connections there are as many rows of a kind."""
    went = 0
    for _batch in range(MOST_BATCHES):
        folded = _fold_batch(kind)
        went += folded
        if folded < BATCH:
            break
    return went


def _fold_batch(kind: dict[str, Any]) -> int:
    """Only rows that are seen are summed and removed; what others add meanwhile waits for the next time."""
    nowhere = {"transit_router_id__isnull": True} if kind["transit_router_id"] is None else {}
    same = {name: value for name, value in kind.items() if value is not None} | nowhere
    with transaction.atomic():
        rows = [
            *HealthTally.objects.select_for_update(skip_locked=True).filter(**same).order_by("pk")[:BATCH]
        ]
        HealthTally.objects.filter(pk__in=[row.pk for row in rows]).delete()
        if number := sum(row.number for row in rows):
            HealthTally.objects.create(**kind, number=number)
    return len(rows)
