"""`manage.py key_fingerprints`: which keys are in FIELD_KEYS, told without telling them.

A backup keeps what this prints; a restore compares (`--of`), and tries whether the keys open what is stored.
"""

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.encryption import keys
from vpnconsole.doctor import Ill, keys_open_the_secrets

DIGITS = 16


class Command(BaseCommand):
    help = "Prints a fingerprint of each key in FIELD_KEYS; with --of, says whether a backup's keys are here."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--of", type=Path, metavar="FILE.keys", help="the fingerprints of a backup")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["of"] is None:
            self.stdout.write("\n".join(fingerprints()))
            return
        missing = sorted({*_read(options["of"])} - {*fingerprints()})
        try:
            found = keys_open_the_secrets()
        except Ill as ill:
            told = (
                f" The backup was made with {', '.join(missing)}, not in FIELD_KEYS now." if missing else ""
            )
            raise CommandError(f"{ill.what}.{told}\n{ill.remedy}") from ill
        self.stdout.write(f"keys: {found}")


def fingerprints() -> list[str]:
    return [hashlib.sha256(key.encode()).hexdigest()[:DIGITS] for key in keys()]


def _read(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
