"""What a write changes of a row, for the audit trail: before and after, secrets masked by their type."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Model

from accounts.encryption import EncryptedTextField

MASK: Final = "••••••"
PLAIN = (str, int, bool, type(None))


def changes(row: Model, new: Mapping[str, Any]) -> dict[str, list[Any]]:
    """[before, after] of each field of `row` that `new` gives another value; call it before the row changes.

    An encrypted column is masked because it is one, whatever it is called: its value is neither read nor
    compared, so it counts as changed, and only whether the new one is empty is told.
    """
    found: dict[str, list[Any]] = {}
    for name, after in new.items():
        if isinstance(row._meta.get_field(name), EncryptedTextField):
            found[name] = [MASK, MASK if after else ""]
        elif (before := getattr(row, name)) != after:
            found[name] = [_plain(before), _plain(after)]
    return found


def _plain(value: Any) -> Any:
    """As JSON can hold it."""
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, PLAIN) else str(value)
