"""What workers do after a connection was edited, bound or unbound: each once, whoever dies on the way."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, transaction

from accounts.actor import Actor
from accounts.models import Role
from connections.models import IPsecConnection, PendingChange
from connections.services.gateway_addresses import take_addresses
from transit import services as transit
from transit.models import VpnAttachment
from tunnels.configuring import locked_tunnels, tell_state
from tunnels.models import Because, Tunnel
from tunnels.services import edited, start_negotiation

State = IPsecConnection.State
Kind = PendingChange.Kind
AGAIN = timedelta(seconds=30)
"""After a failure, so that one connection that cannot be settled does not keep the workers busy."""

logger = logging.getLogger(__name__)


def settle_due(now: datetime, limit: int = 50) -> int:
    """Settle connections whose change is due: how many were."""
    due = PendingChange.objects.filter(due_at__lte=now).order_by("due_at", "pk")
    keys = [*due.values_list("connection_id", flat=True)[:limit]]
    return sum(_settle_or_not(key, now) for key in keys)


def _settle_or_not(key: int, now: datetime) -> bool:
    try:
        return settle(key)
    except Exception:  # one connection that cannot be settled must not stop the others
        logger.exception("the pending change of connection %s cannot be brought about", key)
        _put_off(key, now)
        return False


def _put_off(key: int, now: datetime) -> None:
    try:
        PendingChange.objects.filter(connection_id=key).update(due_at=now + AGAIN)
    except DatabaseError:
        logger.exception("the pending change of connection %s cannot be put off", key)


@transaction.atomic
def settle(key: int) -> bool:
    """Bring about what is pending of the connection with this key. False where nothing is, or no more.

    PostgreSQL passes over a connection that another worker is at; SQLite has one writer at a time anyway.
    """
    rows = IPsecConnection.objects.select_for_update(no_key=True, skip_locked=True)
    connection = rows.filter(pk=key).first()
    pending = PendingChange.objects.filter(connection_id=key).select_related("asked_by").first()
    if connection is None or pending is None:
        return False
    tunnels = locked_tunnels(connection)
    connection.state = _SETTLED[Kind(pending.kind)](connection, tunnels, pending)
    connection.save(update_fields=["state"])
    tell_state(connection, tunnels, Tunnel.State.ACTIVE)
    pending.delete()
    return True


def _edited(connection: IPsecConnection, tunnels: Sequence[Tunnel], pending: PendingChange) -> str:
    for tunnel in tunnels:
        tunnel.connection = connection
        edited(tunnel=tunnel, fields=pending.touched.get(str(tunnel.index), ()))
    bound = VpnAttachment.objects.filter(connection=connection).exists()
    return State.ATTACHED if bound else State.INIT


def _attached(connection: IPsecConnection, tunnels: Sequence[Tunnel], _pending: PendingChange) -> str:
    VpnAttachment.objects.filter(connection=connection).update(status=VpnAttachment.Status.ATTACHED)
    for tunnel in tunnels:
        start_negotiation(tunnel=tunnel, because=Because.BOUND)
    return State.ATTACHED


def _detached(connection: IPsecConnection, tunnels: Sequence[Tunnel], pending: PendingChange) -> str:
    """Its gateway addresses go back, its tunnels go down. The ties to route tables go with it, as with the
    API's `Force`."""
    take_addresses(connection, tunnels)
    transit.detach(actor=_asker(connection, pending), attachment=connection.attachment)
    return State.INIT


def _asker(connection: IPsecConnection, pending: PendingChange) -> Actor:
    """Whoever asked for it is who does it, wherever and whenever it is done: the transit router's owner."""
    return Actor(
        account=connection.attachment.transit_router.cen.account,
        user=pending.asked_by,
        role=Role.OPERATOR,
        address=pending.address,
        request_id=pending.request_id,
    )


_SETTLED: Final = {Kind.EDIT: _edited, Kind.ATTACH: _attached, Kind.DETACH: _detached}
