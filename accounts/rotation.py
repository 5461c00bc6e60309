"""Bringing every secret at rest under the first key, while the console runs.

A value is replaced only if its column still holds the token that was read: what somebody saves meanwhile
wins, and is looked at again.
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.db import models, transaction
from django.db.models import ExpressionWrapper, F, TextField, Value

from accounts.encryption import EncryptedTextField, box, keys

BATCH = 200


class Outcome(StrEnum):
    CURRENT = "under the first key already"
    ROTATED = "encrypted anew"
    UNREADABLE = "opened by no key"


@dataclass(frozen=True, slots=True)
class SecretColumn:
    model: type[models.Model]
    field: str

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.field}"


def secret_columns() -> list[SecretColumn]:
    """Every encrypted column of the project."""
    return [
        SecretColumn(model, field.name)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, EncryptedTextField)
    ]


def rotate(column: SecretColumn) -> Counter[Outcome]:
    """Values by what became of them. Batches are short, so that nobody waits long for a lock."""
    outcomes: Counter[Outcome] = Counter()
    last = 0
    while rows := list(_tokens(column).filter(pk__gt=last).values_list("pk", "sealed")[:BATCH]):
        with transaction.atomic():
            outcomes.update([_renew(column, pk, token) for pk, token in rows])
        last = rows[-1][0]
    return outcomes


def _tokens(column: SecretColumn) -> models.QuerySet[Any]:
    """Rows that hold a secret, with the stored token as `sealed`, not decrypted."""
    token = ExpressionWrapper(F(column.field), output_field=TextField())
    rows = column.model._default_manager.annotate(sealed=token).order_by("pk")
    return rows.exclude(sealed="").exclude(sealed=None)


def _renew(column: SecretColumn, pk: int, token: str) -> Outcome:
    rows = _tokens(column).filter(pk=pk)
    while not _is_current(token):
        try:
            renewed = Value(box().rotate(token.encode()).decode(), output_field=TextField())
        except InvalidToken:
            return Outcome.UNREADABLE
        if rows.filter(sealed=token).order_by().update(**{column.field: renewed}):
            return Outcome.ROTATED
        now = rows.values_list("sealed", flat=True).first()
        if now is None:  # deleted or emptied meanwhile
            break
        token = now
    return Outcome.CURRENT


def _is_current(token: str) -> bool:
    try:
        Fernet(keys()[0]).decrypt(token.encode())
    except InvalidToken:
        return False
    return True
