"""The audit trail as a file: row by row, however long it is."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

from django.db import transaction

from accounts.actor import Actor, audit
from accounts.audit_queries import AuditFilter, Rows, trail
from accounts.audit_words import ACTIONS
from accounts.export_lines import csv_lines, json_lines
from accounts.models import AuditEvent, Role
from accounts.refusal import refuse

BATCH: Final = 500
COLUMNS: Final = (
    "id", "time", "actor", "address", "request_id", "action", "description", "target", "detail"
)  # fmt: skip


class ExportFormat(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"

    @property
    def media_type(self) -> str:
        return {"csv": "text/csv", "jsonl": "application/x-ndjson"}[self.value]


def export(*, actor: Actor, wanted: AuditFilter, format: ExportFormat) -> Iterator[str]:  # noqa: A002
    """Lines of the file, newest row first. The export is a row of the trail itself; the file ends before it.

    `Refused` for a viewer.
    """
    if not actor.may(Role.OPERATOR):
        raise refuse("", "needs_role")
    with transaction.atomic():
        own = audit(actor, "audit.export", actor.account.uid, format=format.value, filters=wanted.given())
    words = {action: str(word) for action, word in ACTIONS.items()}  # in the language of the request
    rows = _batches(trail(actor.account, wanted).filter(pk__lt=own.pk))
    written = ({**_row(event), "description": words.get(event.action, event.action)} for event in rows)
    lines = csv_lines if format is ExportFormat.CSV else json_lines
    return lines(COLUMNS, written)


def _batches(rows: Rows) -> Iterator[AuditEvent]:
    """By key, a batch at a time: no cursor stays open while somebody downloads slowly."""
    last: int | None = None
    while batch := list((rows if last is None else rows.filter(pk__lt=last)).order_by("-pk")[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _row(event: AuditEvent) -> dict[str, Any]:
    return {
        "id": event.public_id,
        "time": event.at.isoformat(),
        "actor": event.actor_name,
        "address": event.address,
        "request_id": event.request_id,
        "action": event.action,
        "target": event.target,
        "detail": event.detail,
    }
