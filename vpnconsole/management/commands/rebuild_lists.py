"""`manage.py rebuild_lists`: what lists, counts and searches read, made anew from the connections."""

from typing import Any

from django.core.management.base import BaseCommand

from connections.fleet import keeping


class Command(BaseCommand):
    help = "Puts the triggers and the search index in place and fills what lists, counts and searches read."

    def handle(self, *args: Any, **options: Any) -> None:
        keeping.install()
        keeping.rebuild()
        keeping.index_trigrams()
        self.stdout.write(f"{keeping.connections_kept()} connections, {keeping.search_is()}")
