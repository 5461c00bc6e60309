"""Writing what workers have worked out: a batch together, each change exactly once.

Who writes is decided under locks, taken on all runs of the connections concerned in one order for everybody.
A change whose run has moved on meanwhile (attempt, cursor, version) is passed over: somebody else was first.
PostgreSQL takes a batch in one statement per kind of change and its events by COPY; SQLite, which has one
writer anyway, goes row by row.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import DatabaseError, transaction
from django.db import connection as database
from django.db.models import F, Field, JSONField, Model

from tunnels.carrying import told_to
from tunnels.changes import Change
from tunnels.models import NegotiationRun, Tunnel, TunnelEvent

_SEEN: Final = (
    "tunnel_id",
    "attempt",
    "cursor",
    "version",
    "status",
    "status_since",
    "bgp_status",
    "blocked",
    "out_of_service",
)

logger = logging.getLogger(__name__)


def write_all(changes: Sequence[Change]) -> int:
    """How many were written. What the database refuses stays for later and keeps nobody else from writing."""
    try:
        return write(changes)
    except DatabaseError:
        if not database.is_usable():  # it is gone: all the others would fail as well
            raise
        if len(changes) == 1:
            logger.exception("negotiation run %s cannot be written", changes[0].run.pk)
            return 0
    return sum(write_all([change]) for change in changes)


def write(changes: Sequence[Change]) -> int:
    """All of them or, where the database refuses one, none."""
    if not changes:
        return 0
    with transaction.atomic():
        won, events = _decided(changes)
        _update(won)
        _insert(events)
    return len(won)


def _decided(changes: Sequence[Change]) -> tuple[list[Change], list[TunnelEvent]]:
    """Those whose run is still as it was read, and all events, also the other tunnels'."""
    held = _held(changes)
    won: list[Change] = []
    events: list[TunnelEvent] = []
    for change in changes:
        run = held.get(change.run.tunnel_id)
        if run is None or not _as_read(run, change.run):
            continue
        won.append(change)
        _remember(run, change.values)
        events += change.events
        for sibling in held.values() if change.turns else ():
            if sibling.of_connection == run.of_connection and sibling is not run:  # type: ignore[attr-defined]
                events += told_to(sibling, change.turns)
    return won, events


def _held(changes: Sequence[Change]) -> dict[int, NegotiationRun]:
    """Both runs of each connection, by tunnel, locked until the end of the transaction."""
    connections = Tunnel.objects.filter(pk__in=[change.run.tunnel_id for change in changes])
    runs = NegotiationRun.objects.filter(tunnel__connection__in=connections.values("connection"))
    locked = runs.select_for_update(of=("self",)).order_by("tunnel__connection_id", "pk")
    seen = locked.only(*_SEEN).annotate(of_connection=F("tunnel__connection_id"))
    return {run.tunnel_id: run for run in seen}


def _as_read(run: NegotiationRun, read: NegotiationRun) -> bool:
    return (run.attempt, run.cursor, run.version) == (read.attempt, read.cursor, read.version)


def _remember(run: NegotiationRun, values: Mapping[str, Any]) -> None:
    for name in values.keys() & {*_SEEN}:
        setattr(run, name, values[name])


def _update(changes: Iterable[Change]) -> None:
    if database.vendor != "postgresql":
        for change in changes:
            NegotiationRun.objects.filter(pk=change.run.pk).update(**change.values, claimed_until=None)
        return
    alike: dict[tuple[str, ...], list[Change]] = defaultdict(list)
    for change in changes:
        alike[tuple(sorted(change.values))].append(change)
    for names, group in alike.items():
        _update_together(names, group)


def _update_together(names: tuple[str, ...], changes: Sequence[Change]) -> None:
    """One statement, with all values in one JSON text: nothing is quoted cell by cell."""
    types = {name: _column(NegotiationRun, name).db_type(database) for name in names}
    columns = ", ".join(f"{name} = new.{name}" for name in names)
    typed = ", ".join(f"{name} {kind}" for name, kind in types.items())
    statement = (
        f"UPDATE {NegotiationRun._meta.db_table} run SET {columns}, claimed_until = NULL "  # noqa: S608
        f"FROM jsonb_to_recordset(%s) AS new(id bigint, {typed}) WHERE run.id = new.id"
    )
    rows = [{**change.values, "id": change.run.pk} for change in changes]
    with database.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows, default=str)])


def _insert(events: Sequence[TunnelEvent]) -> None:
    if not events:
        return
    if database.vendor != "postgresql":
        TunnelEvent.objects.bulk_create(events)
        return
    fields = [field for field in TunnelEvent._meta.local_concrete_fields if not field.primary_key]
    columns = ", ".join(str(field.column) for field in fields)
    order = f"COPY {TunnelEvent._meta.db_table} ({columns}) FROM STDIN"
    with database.wrap_database_errors, database.cursor() as cursor, cursor.copy(order) as copy:
        for event in events:
            copy.write_row([_text(field, getattr(event, field.attname)) for field in fields])


def _column(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, Field)  # noqa: S101 - the names are those of columns
    return field


def _text(field: Any, value: Any) -> str | None:
    if value is None:
        return None
    return json.dumps(value, default=str) if isinstance(field, JSONField) else str(value)
