"""Who asks for a write, from where: what every service takes and every audit row tells."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypedDict

from django.http import HttpRequest

from accounts.models import Account, AuditEvent, Role, User
from prepared.inserts import insert


@dataclass(frozen=True, slots=True)
class Actor:
    """`user` is None for the console itself (demo data, tasks)."""

    account: Account
    user: User | None = None
    role: Role = Role.VIEWER
    address: str | None = None
    request_id: str = ""

    @property
    def name(self) -> str:
        return self.user.get_username() if self.user else "vpnconsole"

    def may(self, needed: Role) -> bool:
        return self.role.covers(needed)


class Origin(TypedDict):
    address: str | None
    request_id: str


def origin_of(request: HttpRequest | None) -> Origin:
    """From where an actor asks; of no request, from nowhere that has a name."""
    meta = request.META if request is not None else {}
    return {"address": meta.get("REMOTE_ADDR") or None, "request_id": meta.get("REQUEST_ID", "")}


def audit(actor: Actor, action: str, target: str = "", **detail: Any) -> AuditEvent:
    """Append a row to the audit trail, in the caller's transaction. `detail` must hold no secret."""
    columns = {
        "account": actor.account,
        "actor": actor.user,
        "actor_name": actor.name,
        "address": actor.address,
        "request_id": actor.request_id,
        "action": action,
        "target": target,
        "detail": detail,
    }
    waiting = _waiting.get()
    if waiting is None:
        return insert([AuditEvent(**columns)])[0]
    waiting.append(AuditEvent(**columns))
    return waiting[-1]


@contextmanager
def audited_together() -> Iterator[None]:
    """What is appended within is written at the end, in one statement: for a service of many parts, in its
    transaction. Nothing is written where the block raises; then nothing was done."""
    rows: list[AuditEvent] = []
    before = _waiting.set(rows)
    try:
        yield
    finally:
        _waiting.reset(before)
    insert(rows)


_waiting: ContextVar[list[AuditEvent] | None] = ContextVar("waiting", default=None)
