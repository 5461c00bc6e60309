"""The events of a tunnel: found by filter, exported, written as an IKE log, and deleted when they are old."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.export_lines import csv_lines, json_lines
from ipsec.log_lines import Ends, Entry, log_line
from tunnels import clock
from tunnels.models import ClockSetting, Tunnel, TunnelEvent

BATCH: Final = 1000
CHUNK: Final = 500
COLUMNS: Final = (
    "at",
    "tunnel",
    "phase",
    "severity",
    "kind",
    "message",
    "cause",
    "detail",
    "attempt",
    "position",
)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Empty values let everything through. `until` is excluded."""

    phase: str = ""
    severity: str = ""
    cause: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_set(self) -> bool:
        return self != EventFilter()

    def rows(self, tunnel: Tunnel) -> "QuerySet[TunnelEvent, TunnelEvent]":
        equal = {"phase": self.phase, "severity": self.severity, "cause": self.cause}
        bounds = {"at__gte": self.since, "at__lt": self.until}
        given = {name: value for name, value in (equal | bounds).items() if value}
        return TunnelEvent.objects.filter(tunnel=tunnel, **given)


def causes_of(tunnel: Tunnel) -> list[str]:
    """Those that its events name, for the filter."""
    rows = TunnelEvent.objects.filter(tunnel=tunnel).exclude(cause="")
    return [*rows.order_by("cause").values_list("cause", flat=True).distinct()]


def event_for(tunnel: Tunnel, permalink: str) -> TunnelEvent | None:
    """The event of that name; None where there is none, or no more."""
    attempt, _dot, position = permalink.rpartition(".")
    try:
        return TunnelEvent.objects.filter(tunnel=tunnel, attempt=attempt, position=int(position)).first()
    except (ValueError, ValidationError):
        return None


# Export


def as_csv(tunnel: Tunnel, wanted: EventFilter) -> Iterator[str]:
    return csv_lines(COLUMNS, _rows(tunnel, wanted))


def as_jsonl(tunnel: Tunnel, wanted: EventFilter) -> Iterator[str]:
    return json_lines(COLUMNS, _rows(tunnel, wanted))


def _rows(tunnel: Tunnel, wanted: EventFilter) -> Iterator[dict[str, Any]]:
    """Oldest first."""
    return (_row(tunnel, event) for event in _oldest_first(wanted.rows(tunnel)))


def _row(tunnel: Tunnel, event: TunnelEvent) -> dict[str, Any]:
    own = {
        "at": event.at.isoformat(),
        "tunnel": tunnel.public_id,
        "attempt": str(event.attempt),
        "position": event.position,
    }
    return {name: own[name] if name in own else getattr(event, name) for name in COLUMNS}


def _oldest_first(rows: "QuerySet[TunnelEvent, TunnelEvent]") -> Iterator[TunnelEvent]:
    """In batches that each know where the last one ended: nothing stays open while somebody reads slowly."""
    left = rows.order_by("at", "pk")
    while batch := list(left[:CHUNK]):
        yield from batch
        last = batch[-1]
        left = rows.filter(Q(at__gt=last.at) | Q(at=last.at, pk__gt=last.pk)).order_by("at", "pk")


# The IKE log


def ike_log(tunnel: Tunnel, wanted: EventFilter) -> Iterator[str]:
    """The lines of the console's log, oldest first, each with its line end."""
    ends = Ends(
        connection_id=tunnel.connection.public_id,
        local=tunnel.gateway_address or "0.0.0.0",  # noqa: S104 - no address yet
        remote=tunnel.customer_gateway.address,
        remote_id=tunnel.remote_id or tunnel.customer_gateway.address,
        is_v2=tunnel.ike_version == "ikev2",
    )
    for event in _oldest_first(wanted.rows(tunnel)):
        entry = Entry(event.at, event.kind, event.phase, event.message, event.cause, event.detail)
        line = log_line(ends, entry)
        if line is not None:
            yield f"{line}\n"


# Retention


def delete_old(*, most_batches: int = 100) -> int:
    """Delete events past EVENT_RETENTION_DAYS, in batches of their own transactions; how many went.

    Age is counted by the clock that an event was told by. What one call leaves the next one takes.
    """
    kept = timedelta(days=settings.EVENT_RETENTION_DAYS)
    real = clock.now()
    old = [TunnelEvent.objects.filter(at__lt=real - kept)]
    for setting in ClockSetting.objects.all():
        rows = TunnelEvent.objects.filter(tunnel__connection=setting.connection_id)
        old.append(rows.filter(at__lt=clock.clock_of(setting).time(real) - kept))
    return sum(_delete(rows, most_batches) for rows in old)


def _delete(rows: "QuerySet[TunnelEvent, TunnelEvent]", most_batches: int) -> int:
    deleted = 0
    for _ in range(most_batches):
        with transaction.atomic():
            keys = [*rows.order_by("at").values_list("pk", flat=True)[:BATCH]]
            deleted += TunnelEvent.objects.filter(pk__in=keys).delete()[0]
        if len(keys) < BATCH:
            break
    return deleted
