"""The one way in which rows leave the audit trail: by age, at the command of who runs the console."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from accounts.actor import Actor, audit
from accounts.models import Account, AuditEvent

BATCH: Final = 1000
TABLE: Final = AuditEvent._meta.db_table
GUARD: Final = f"{TABLE}_keep"


def forget_before(moment: datetime) -> int:
    """Remove all rows older than `moment`; how many. Each account's trail tells how many of its own went.

    In batches of a transaction each: one that is broken off has told what it did so far.
    """
    if moment > timezone.now():
        raise ValueError("the future has left no trail yet")
    owners = list(Account.objects.order_by("pk"))
    ownerless = sum(_forget(None, moment))
    return ownerless + sum(sum(_forget(account, moment)) for account in owners)


def _forget(account: Account | None, moment: datetime) -> list[int]:
    """The size of each batch."""
    done: list[int] = []
    while ids := _oldest(account, moment):
        with removal():
            done.append(_remove(ids))
            if account is not None:
                audit(Actor(account), "audit.prune", before=moment.isoformat(), rows=done[-1])
    return done


def _oldest(account: Account | None, moment: datetime) -> list[int]:
    rows = AuditEvent.objects.filter(account=account, at__lt=moment).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:BATCH])


def _remove(ids: list[int]) -> int:
    marks = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE id IN ({marks})", ids)  # noqa: S608 - a fixed name
        return int(cursor.rowcount)


@contextmanager
def removal() -> Iterator[None]:
    """A transaction in which the database lets rows of the trail go. In no other one does it."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT set_config('vpnconsole.audit_retention', 'on', true)")
            yield
        else:  # SQLite's trigger can ask for nothing that is a transaction's own, so it goes meanwhile
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [GUARD])
            (guard,) = cursor.fetchone()
            cursor.execute(f"DROP TRIGGER {GUARD}")
            yield
            cursor.execute(guard)
