from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class ConnectionsConfig(AppConfig):
    name = "connections"

    def ready(self) -> None:
        from connections.fleet.keeping import after_migrating
        from connections.fleet.sqlite import know_lower

        post_migrate.connect(after_migrating, sender=self)
        connection_created.connect(know_lower)
