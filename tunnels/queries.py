"""Reads. None of them opens a secret: a page stands even where no key opens one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet, Sum
from django.http import Http404

from accounts.models import Account
from prepared.queries import prepared
from tunnels import spec
from tunnels.events import EventFilter
from tunnels.models import NegotiationRun, Tunnel, TunnelEvent
from tunnels.spec import ConnectionRow

SECRETS = (*spec.SECRETS, "peer_device__psk", "peer_device__bgp_auth_key")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def page_rows() -> QuerySet[Tunnel]:
    """Tunnels as lists show them: with run, customer gateway and device, without secrets and transcripts."""
    rows = Tunnel.objects.select_related("customer_gateway", "run", "peer_device")
    return rows.defer(*SECRETS, "run__transcript").order_by("index")


def tunnels_of(connection: ConnectionRow) -> list[Tunnel]:
    """The connection's two tunnels in order."""
    return [*page_rows().filter(connection_id=connection.pk).select_related("connection")]


def tunnel_for(account: Account, public_id: str) -> Tunnel:
    """One tunnel with its transcript. Http404 for an id that is not this account's."""
    for tunnel in _tunnels_for(account.pk, public_id):
        return tunnel
    raise Http404


@prepared
def _tunnels_for(account: int, public_id: str) -> QuerySet[Tunnel]:
    related = ("connection__clock", "customer_gateway", "run", "peer_device", "traffic")
    rows = Tunnel.objects.select_related(*related).defer(*SECRETS)
    return rows.filter(connection__account=account, public_id=public_id)


def connection_version(connection: ConnectionRow) -> int:
    """Grows whenever the state of one of the connection's tunnels changes."""
    runs = NegotiationRun.objects.filter(tunnel__connection_id=connection.pk)
    return runs.aggregate(version=Sum("version"))["version"] or 0


@dataclass(frozen=True, slots=True)
class EventPage:
    """Newest first. `older` is the cursor of the next page, empty on the last one."""

    events: list[TunnelEvent]
    older: str = ""


def events_of(tunnel: Tunnel, *, before: str = "", size: int, wanted: EventFilter | None = None) -> EventPage:
    """Events older than the cursor `before`; an unreadable cursor is as good as none."""
    rows = (wanted or EventFilter()).rows(tunnel)
    mark = _read_cursor(before)
    if mark:
        at, position = mark
        rows = rows.filter(Q(at__lt=at) | Q(at=at, position__lt=position))
    found = [*rows[: size + 1]]
    return EventPage(found[:size], _cursor(found[size - 1]) if len(found) > size else "")


def _cursor(event: TunnelEvent) -> str:
    """Time in microseconds and position: what events are ordered by."""
    return f"{(event.at - EPOCH) // MICROSECOND}-{event.position}"


def _read_cursor(cursor: str) -> tuple[datetime, int] | None:
    at, _dash, position = cursor.partition("-")
    try:
        return EPOCH + int(at) * MICROSECOND, int(position)
    except (ValueError, OverflowError):
        return None
