"""Drafts of the creation page. No audit rows: a draft changes nothing that anyone else can see."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from accounts.actor import Actor
from accounts.encryption import SecretUnreadable
from connections.models import CreationDraft
from connections.services.request import earlier_connection
from prepared.queries import prepared

Values = Mapping[str, list[str]]
Keys = tuple[str, str]
"""Of tunnel 1 and 2; empty where none is kept."""
NONE: Final[Keys] = ("", "")


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of keeping a draft. `newer`: another page's is kept, and this one is not."""

    version: int
    at: datetime
    newer: bool = False


def draft_of(actor: Actor) -> CreationDraft | None:
    """Without its keys, which lie encrypted and are seldom needed."""
    return CreationDraft.objects.filter(account=actor.account, user=actor.user).defer("keys").first()


def draft_kept_at(actor: Actor) -> datetime | None:
    """When the draft that can be offered was kept."""
    return next(iter(_kept_at(actor.account.pk, actor.user.pk)), None) if actor.user else None


@prepared
def _kept_at(account: int, user: int) -> "QuerySet[CreationDraft, datetime]":
    return CreationDraft.objects.filter(account=account, user=user).values_list("kept_at", flat=True)


def keys_of(draft: CreationDraft) -> Keys:
    """None where they cannot be opened any more: they are typed again then."""
    try:
        first, second = json.loads(draft.keys or '["", ""]')
    except SecretUnreadable:
        return NONE
    return first, second


def keep_draft(
    *, actor: Actor, token: str, seen: int, values: Values, keys: Keys, over: bool = False
) -> Kept | None:
    """Keep what was typed; `seen` is the version that the page knows, 0 for none.

    None where the form has been saved meanwhile. `over` writes over whatever another page has kept.
    """
    if actor.user is None or earlier_connection(actor=actor, client_token=token):
        return None
    try:
        with transaction.atomic():
            row = _row_to_write(actor, seen, over)
            return _write(row, token, values, keys) if isinstance(row, CreationDraft) else row
    except IntegrityError:  # two pages kept the first draft at the same moment
        found = draft_of(actor)
        return Kept(found.version, found.kept_at, newer=True) if found else None


def _row_to_write(actor: Actor, seen: int, over: bool) -> CreationDraft | Kept:
    rows = CreationDraft.objects.select_for_update().defer("keys")
    row = rows.filter(account=actor.account, user=actor.user).first()
    if row is None:
        return CreationDraft(account=actor.account, user=actor.user, version=seen)
    return row if over or row.version == seen else Kept(row.version, row.kept_at, newer=True)


def _write(row: CreationDraft, token: str, values: Values, keys: Keys) -> Kept:
    row.token, row.version, row.data, row.kept_at = token, row.version + 1, _storable(values), now()
    row.keys = json.dumps(keys) if any(keys) else ""
    row.save()
    return Kept(row.version, row.kept_at)


def _storable(values: Values) -> dict[str, list[str]]:
    """PostgreSQL takes no NUL; no field takes one either, so the form has said so."""
    return {name: [text.replace("\0", "") for text in texts] for name, texts in values.items()}


def discard_draft(*, actor: Actor, token: str = "") -> None:
    """The draft with this token, or whichever there is."""
    rows = CreationDraft.objects.filter(account=actor.account, user=actor.user)
    (rows.filter(token=token) if token else rows).delete()
