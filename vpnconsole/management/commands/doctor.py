"""`manage.py doctor`: names what is wrong with this console, and what to do about it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vpnconsole.doctor import examine


class Command(BaseCommand):
    help = "Looks at settings, database, clock, keys, broker, worker, beat and files. Exit 1 if one is ill."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        ill: list[str] = []
        for found in examine():
            self.stdout.write(f"{'ok ' if found.well else 'ILL'}  {found.part:<13} {found.what}")
            if not found.well:
                ill.append(found.part)
                self.stdout.write(f"{'':<19}-> {found.remedy}")
        if ill:
            raise CommandError(f"Not well: {', '.join(ill)}.")
        self.stdout.write("All is well.")
