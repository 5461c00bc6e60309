"""Secrets at rest: a text column that is encrypted by rotating keys.

`keys` are Fernet keys; the first encrypts, every one decrypts. A value that none of them opens raises
`SecretUnreadable`, and the page or task that needs it says so.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class SecretUnreadable(Exception):  # noqa: N818 - it is an answer, not a malfunction
    """No configured key opens a stored secret."""


def keys() -> tuple[str, ...]:
    """`settings.FIELD_KEYS`; where they come from a file, what it holds now.

    A file that somebody is writing at this moment, or that cannot be read, leaves the keys of the start.
    """
    path = settings.FIELD_KEYS_FILE
    return (_of_file(path, *_stamp(path)) if path else ()) or tuple(settings.FIELD_KEYS)


def _stamp(path: str) -> tuple[int, int]:
    """What changes when the file does."""
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_ino


@lru_cache(maxsize=4)
def _of_file(path: str, _changed: int, _node: int) -> tuple[str, ...]:
    """Its keys, or none where one of them is no key."""
    try:
        found = split(Path(path).read_text(encoding="utf-8"))
        _box(found)
    except (OSError, ValueError):
        return ()
    return found


def split(text: str) -> tuple[str, ...]:
    """Keys as they are written: separated by commas."""
    return tuple(key.strip() for key in text.split(",") if key.strip())


@lru_cache(maxsize=4)
def _box(of: tuple[str, ...]) -> MultiFernet:
    """Raises ValueError for what is no key, and for none at all."""
    return MultiFernet([Fernet(key) for key in of])


def box() -> MultiFernet:
    return _box(keys())


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
