"""Reading the audit trail: always one account's, newest first."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import pgettext

from accounts.audit_targets import pages_of
from accounts.audit_words import AREAS, action_word, detail_word
from accounts.models import Account, AuditEvent

NOTHING = "–"
Rows = QuerySet[AuditEvent, AuditEvent]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to show; an empty value lets everything through. `action` is an action or an area of actions."""

    actor: str = ""
    action: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def given(self) -> dict[str, str]:
        """The values that are set, as text."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
            if value
        }


@dataclass(frozen=True, slots=True)
class DetailLine:
    """`after` is None where `value` is no change."""

    label: str
    value: str
    after: str | None = None


@dataclass(frozen=True, slots=True)
class TrailRow:
    event: AuditEvent
    word: str
    lines: list[DetailLine]
    url: str = ""
    """The page of the target; empty where it has none, or exists no more."""


def trail(account: Account, wanted: AuditFilter) -> Rows:
    """The account's rows that pass; `since` belongs to them, `until` does not."""
    rows = AuditEvent.objects.filter(account=account)
    if wanted.actor:
        rows = rows.filter(actor_name__iexact=wanted.actor)
    if wanted.action:
        rows = rows.filter(**_action(wanted.action))
    if wanted.target:
        rows = rows.filter(target=wanted.target)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(at__lt=wanted.until)
    return rows


def _action(wanted: str) -> dict[str, str]:
    return {"action__startswith": f"{wanted}."} if wanted in AREAS else {"action": wanted}


def described(account: Account, events: list[AuditEvent]) -> list[TrailRow]:
    """Rows as people read them, in the language active now."""
    pages = pages_of(account, (event.target for event in events))
    return [
        TrailRow(event, action_word(event.action), _lines(event.detail), pages.get(event.target, ""))
        for event in events
    ]


def _lines(detail: dict[str, Any]) -> list[DetailLine]:
    """A change is one line: from what to what."""
    changed = detail.get("changes", {}).items()
    lines = [DetailLine(detail_word(name), _shown(old), _shown(new)) for name, (old, new) in changed]
    plain = [(name, value) for name, value in detail.items() if name != "changes"]
    return lines + [DetailLine(detail_word(name), _shown(value)) for name, value in plain]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return pgettext("audit", "yes") if value else pgettext("audit", "no")
    if isinstance(value, dict):
        return ", ".join(f"{name}={one}" for name, one in value.items()) or NOTHING
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value) or NOTHING
    return NOTHING if value in (None, "") else str(value)


def actor_names(account: Account) -> list[str]:
    """Present members, to choose from; whoever has left is typed by name."""
    return list(account.memberships.order_by("user__username").values_list("user__username", flat=True))
