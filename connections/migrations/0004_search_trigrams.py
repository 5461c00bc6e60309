from django.db import migrations


def index(apps, schema_editor):
    from connections.fleet.keeping import index_trigrams

    index_trigrams()


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS connections_searchtext_trigrams")


class Migration(migrations.Migration):
    """On PostgreSQL, where its rights allow it: without the extension, searching works and is slower."""

    dependencies = [("connections", "0003_fleet")]

    operations = [migrations.RunPython(index, drop)]
