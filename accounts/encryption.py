"""Secrets at rest: a text column that is encrypted by rotating keys.

`settings.FIELD_KEYS` holds Fernet keys; the first encrypts, every one decrypts. A value that none of them
opens raises `SecretUnreadable`, and the page or task that needs it says so.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class SecretUnreadable(Exception):  # noqa: N818 - it is an answer, not a malfunction
    """No configured key opens a stored secret."""


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def box() -> MultiFernet:
    return _box(tuple(settings.FIELD_KEYS))


def encrypt(text: str) -> str:
    return box().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    try:
        return box().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable("no key in FIELD_KEYS opens this secret") from error


if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class EncryptedTextField(_TextField):
    """Text that is encrypted in the database and plain on the model. The empty string is kept as it is."""

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(value) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Nobody may filter by a secret: each encryption of one text differs anyway."""
        return None
