from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "vpnconsole"

    def ready(self) -> None:
        from vpnconsole import checks

        checks.register_all()
