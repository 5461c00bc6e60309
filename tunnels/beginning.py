"""How a run begins: due at once, or at rest, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from ipsec.causes import CauseId
from tunnels.changes import opening_event
from tunnels.models import Because, TunnelEvent


@dataclass(frozen=True, slots=True)
class Beginning:
    """Columns of the run, and what tells of it."""

    columns: dict[str, Any]
    events: tuple[TunnelEvent, ...] = ()

    @property
    def is_due(self) -> bool:
        return "due_at" in self.columns


def beginning(
    tunnel_id: int, because: Because, *, bound: bool, waits: bool, at: datetime, real: datetime
) -> Beginning:
    """Of a tunnel with (`bound`) or without a gateway address, which has traffic to wait for or not.

    `at` is the time by the connection's clock, `real` by everybody's.
    """
    if not bound:
        return Beginning(resting(CauseId.TUNNEL_NOT_BOUND))
    if waits:
        told = TunnelEvent(tunnel_id=tunnel_id, at=at, kind="waiting", message=because.value)
        return Beginning({**resting(CauseId.NOT_TRIGGERED), "waiting_for_traffic": True}, (told,))
    attempt = uuid4()
    columns = {"attempt": attempt, "due_at": real, "negotiating": True}
    return Beginning(columns, (opening_event(tunnel_id, attempt, at, because),))


def resting(cause: CauseId) -> dict[str, Any]:
    """Nothing is due. An attempt that nobody plays voids the news of whoever played the one before."""
    return {"attempt": uuid4(), "cause": cause.value}
