"""`manage.py rotate_keys`: brings every stored secret under the first of FIELD_KEYS. See docs/secrets.md."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import key_file
from accounts.encryption import keys
from accounts.key_file import Unchanged
from accounts.rotation import Outcome, rotate, secret_columns


class Command(BaseCommand):
    help = "Encrypts every stored secret anew with the first of FIELD_KEYS. The console may go on running."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--new-key", action="store_true", help="first put a new key into their file")
        which.add_argument("--drop-old", action="store_true", help="afterwards keep the first key alone")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._rotate(new=options["new_key"], drop=options["drop_old"])
        except Unchanged as unchanged:
            raise CommandError(str(unchanged)) from unchanged

    def _rotate(self, *, new: bool, drop: bool) -> None:
        if drop:
            key_file.place()
        if new:
            key_file.add_key()
        total = self._turn_all()
        if total[Outcome.UNREADABLE]:
            raise CommandError(
                f"{total[Outcome.UNREADABLE]} secrets are opened by none of FIELD_KEYS. "
                "Add the key that they were written with, or enter them again in the console."
            )
        if drop:
            key_file.write(keys()[:1])
            self.stdout.write("The first key alone is kept. Keep the others with the backups of their time.")

    def _turn_all(self) -> Counter[Outcome]:
        total: Counter[Outcome] = Counter()
        for column in secret_columns():
            outcomes = rotate(column)
            total += outcomes
            self.stdout.write(f"{column}: {counts(outcomes)}")
        self.stdout.write(f"total: {counts(total)}")
        return total


def counts(outcomes: Counter[Outcome]) -> str:
    return ", ".join(f"{outcomes[outcome]} {outcome.value}" for outcome in Outcome)
