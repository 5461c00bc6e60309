"""What is left to the workers once a connection's rows are written: they settle it (`settling`)."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction

from accounts.actor import Actor
from connections.models import IPsecConnection, PendingChange
from connections.tasks import ring
from tunnels import clock
from tunnels.configuring import tell_state
from tunnels.models import Tunnel

State = IPsecConnection.State
Kind = PendingChange.Kind
Touched = Mapping[int, Sequence[str]]
UNDER_WAY: Final[Mapping[str, str]] = {
    Kind.EDIT: State.UPDATING,
    Kind.ATTACH: State.ATTACHING,
    Kind.DETACH: State.DETACHING,
}


def leave_to_workers(
    actor: Actor, connection: IPsecConnection, kind: str, touched: Touched | None = None
) -> None:
    """Put a locked connection into the state that `kind` brings with it, and ring.

    `touched` are the changed columns that concern each tunnel, by its index.
    """
    connection.state = UNDER_WAY[kind]
    connection.save(update_fields=["state"])
    columns = {index: names for index, names in (touched or {}).items() if names}
    rows = Tunnel.objects.filter(connection=connection, index__in=columns).only("pk")
    tell_state(connection, rows, Tunnel.State.UPDATING)
    PendingChange.objects.create(
        connection=connection,
        kind=kind,
        touched={str(index): [*names] for index, names in columns.items()},
        due_at=clock.now(),
        asked_by=actor.user,
        address=actor.address,
        request_id=actor.request_id,
    )
    transaction.on_commit(ring)
