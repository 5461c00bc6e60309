"""`manage.py flush`, as Django's own: everything goes, the audit trail as well, which else keeps its rows."""

from typing import Any

from django.core.management.commands import flush

from accounts.audit_retention import removal


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        with removal():
            super().handle(**options)
