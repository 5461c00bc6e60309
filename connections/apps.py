from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConnectionsConfig(AppConfig):
    name = "connections"

    def ready(self) -> None:
        from connections.fleet.keeping import after_migrating

        post_migrate.connect(after_migrating, sender=self)
