from django.db import migrations


class Migration(migrations.Migration):
    """On SQLite LOWER knows Unicode from now on. Whatever was migrated, the search texts are written anew
    afterwards (`connections.fleet.keeping.after_migrating`): with it in the plan, those in capitals, too."""

    dependencies = [("connections", "0007_short_pending_list")]

    operations = []
