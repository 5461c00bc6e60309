"""Public ids of the console's kind: a prefix and 20 random lower-case letters and digits."""

import secrets
import string
from typing import Any

from django.db import models
from django.utils.deconstruct import deconstructible

ALPHABET = string.ascii_lowercase + string.digits


@deconstructible
class NewId:
    """A callable that makes a new public id, such as `vco-p0w2x…`."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def __call__(self) -> str:
        return f"{self.prefix}-{_drawn(ALPHABET, 20)}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NewId) and other.prefix == self.prefix

    def __hash__(self) -> int:
        return hash(self.prefix)


def new_uid() -> str:
    """An account's 16-digit UID; the first digit is never zero."""
    return str(secrets.randbelow(9) + 1) + _drawn(string.digits, 15)


def _drawn(alphabet: str, length: int) -> str:
    """So many random characters, drawn as one number: a way to the system for each takes longer."""
    number, base = secrets.randbelow(len(alphabet) ** length), len(alphabet)
    return "".join([alphabet[number // base**place % base] for place in range(length)])


def public_id_field(prefix: str) -> "models.CharField[str, str]":
    """The stable id that users and the API see; the database's own keys never leave it."""
    options: dict[str, Any] = {"max_length": 40, "unique": True, "editable": False}
    return models.CharField(default=NewId(prefix), **options)
