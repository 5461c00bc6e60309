"""`manage.py prune_audit --older-than DAYS`: the only way in which rows leave the audit trail."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.audit_retention import forget_before


class Command(BaseCommand):
    help = "Removes rows of the audit trail that are older than a number of days. Each trail tells of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", type=int, required=True, metavar="DAYS")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["older_than"]
        if days < 1:
            raise CommandError("--older-than takes a number of days, 1 or more.")
        gone = forget_before(timezone.now() - timedelta(days=days))
        self.stdout.write(f"{gone} rows older than {days} days removed")
