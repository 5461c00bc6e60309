"""`manage.py prune_audit --older-than DAYS`: the only way in which rows leave the audit trail."""

from datetime import timedelta
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.audit_retention import forget_before

MOST_DAYS: Final = 36500


class Command(BaseCommand):
    help = "Removes rows of the audit trail that are older than a number of days. Each trail tells of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", type=int, required=True, metavar="DAYS")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["older_than"]
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--older-than takes a number of days from 1 to {MOST_DAYS}.")
        gone = forget_before(timezone.now() - timedelta(days=days))
        self.stdout.write(f"{gone} rows older than {days} days removed")
