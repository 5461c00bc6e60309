from django.db import migrations


def index(apps, schema_editor):
    from connections.fleet.keeping import index_trigrams

    index_trigrams()


class Migration(migrations.Migration):
    """An index of trigrams that was made before keeps less that is not sorted in."""

    dependencies = [("connections", "0006_cross_account_grants")]

    operations = [migrations.RunPython(index, migrations.RunPython.noop)]
