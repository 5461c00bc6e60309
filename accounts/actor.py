"""Who asks for a write, from where: what every service takes and every audit row tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import Account, AuditEvent, Role, User


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


def audit(actor: Actor, action: str, target: str = "", **detail: Any) -> AuditEvent:
    """Append a row to the audit trail, in the caller's transaction. `detail` must hold no secret."""
    return AuditEvent.objects.create(**_columns(actor, action, target, detail))


def audit_each(actor: Actor, action: str, details: Mapping[str, dict[str, Any]]) -> None:
    """The same of several targets at once, each with its own `detail`."""
    AuditEvent.objects.bulk_create(
        AuditEvent(**_columns(actor, action, target, detail)) for target, detail in details.items()
    )


def _columns(actor: Actor, action: str, target: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "account": actor.account,
        "actor": actor.user,
        "actor_name": actor.name,
        "address": actor.address,
        "request_id": actor.request_id,
        "action": action,
        "target": target,
        "detail": detail,
    }
