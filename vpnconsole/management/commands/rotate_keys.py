"""`manage.py rotate_keys`: brings every stored secret under the first of FIELD_KEYS. See docs/secrets.md."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.rotation import Outcome, rotate, secret_columns


class Command(BaseCommand):
    help = "Encrypts every stored secret anew with the first of FIELD_KEYS. The console may go on running."

    def handle(self, *args: Any, **options: Any) -> None:
        total: Counter[Outcome] = Counter()
        for column in secret_columns():
            outcomes = rotate(column)
            total += outcomes
            self.stdout.write(f"{column}: {counts(outcomes)}")
        self.stdout.write(f"total: {counts(total)}")
        if total[Outcome.UNREADABLE]:
            raise CommandError(
                f"{total[Outcome.UNREADABLE]} secrets are opened by none of FIELD_KEYS. "
                "Add the key that they were written with, or enter them again in the console."
            )


def counts(outcomes: Counter[Outcome]) -> str:
    return ", ".join(f"{outcomes[outcome]} {outcome.value}" for outcome in Outcome)
