from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from vpnconsole import demo


class Command(BaseCommand):
    help = "Load the demo into an empty console. Does nothing where there is a user already."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            loaded = demo.load()
        self.stdout.write("Demo loaded." if loaded else "There are users already; nothing loaded.")
