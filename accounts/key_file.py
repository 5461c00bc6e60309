"""The file that FIELD_KEYS come from, and how it changes under a running console.

Every process looks at it again when it changes (`accounts.encryption.keys`).
"""

import os
import stat
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf import settings

from accounts.encryption import keys


class Unchanged(Exception):  # noqa: N818 - an answer
    """The file was left as it is; says why."""


def place() -> Path:
    """`Unchanged` where the keys do not come from a file."""
    if not settings.FIELD_KEYS_FILE:
        raise Unchanged(
            "FIELD_KEYS comes from the environment, not from a file: see docs/secrets.md, Rotation."
        )
    return Path(settings.FIELD_KEYS_FILE)


def add_key() -> None:
    """Put a new key in front: from now on it encrypts, in every process that reads this file."""
    write((Fernet.generate_key().decode(), *keys()))


def write(wanted: tuple[str, ...]) -> None:
    """In one step: whoever reads meanwhile finds the old keys or the new ones. Owner and mode stay."""
    path = place()
    fresh = path.with_name(f".{path.name}.new")
    try:
        _write_like(fresh, path.stat(), ",".join(wanted) + "\n")
        fresh.replace(path)
        _make_durable(path.parent)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise Unchanged(f"{path} cannot be replaced: {error.strerror}. Run this as its owner.") from error


def _write_like(path: Path, like: os.stat_result, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
        os.fchown(descriptor, like.st_uid, like.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(like.st_mode))


def _make_durable(directory: Path) -> None:
    """The new name outlives a power cut too: secrets are under the new key from now on."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
