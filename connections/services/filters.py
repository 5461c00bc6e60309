"""Filters of the list that a user keeps. No audit rows: they change nothing that anyone else can see."""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from django.db import transaction

from accounts.actor import Actor
from accounts.refusal import refuse
from connections.fleet.models import SavedFilter

MOST: Final = 50
KEPT: Final = (
    "q",
    "state",
    "phase",
    "cause",
    "cen",
    "gateway",
    "mode",
    "bgp",
    "sort",
    "size",
    "where",
    "region",
)
"""What of the list's address a filter keeps: not the place in it."""
LONGEST_NAME: Final = 50
LONGEST_QUERY: Final = 500


def save_filter(*, actor: Actor, name: str, query: str) -> SavedFilter:
    """Keep the list's query string by a name; one of the same name is replaced.

    Refused: `filter_name_missing`, `filter_too_long`, `filters_full`.
    """
    name, kept = name.replace("\0", "").strip()[:LONGEST_NAME], _kept(query)
    if not name:
        raise refuse("name", "filter_name_missing")
    if len(kept) > LONGEST_QUERY:
        raise refuse("name", "filter_too_long")
    with transaction.atomic():
        mine = SavedFilter.objects.filter(account=actor.account, user=actor.user)
        if mine.exclude(name=name).count() >= MOST:
            raise refuse("name", "filters_full", limit=MOST)
        saved, _made = SavedFilter.objects.update_or_create(
            account=actor.account, user=actor.user, name=name, defaults={"query": kept}
        )
    return saved


def _kept(query: str) -> str:
    try:
        given = dict(parse_qsl(query, max_num_fields=40))
    except ValueError as error:
        raise refuse("name", "filter_too_long") from error
    return urlencode({name: given[name].replace("\0", "") for name in KEPT if given.get(name)})


def delete_filter(*, actor: Actor, saved: SavedFilter) -> None:
    """One that is gone already is fine."""
    SavedFilter.objects.filter(account=actor.account, user=actor.user, pk=saved.pk).delete()
