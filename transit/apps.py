from django.apps import AppConfig


class TransitConfig(AppConfig):
    name = "transit"
