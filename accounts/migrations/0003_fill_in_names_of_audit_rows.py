from django.db import migrations, transaction

from accounts.identifiers import NewId

BATCH = 1000


def fill_in(apps, schema_editor):
    """In batches, each in a transaction of its own; a second run goes on where the first one stopped."""
    rows = apps.get_model("accounts", "AuditEvent").objects.using(schema_editor.connection.alias)
    name = NewId("evt")
    while batch := list(rows.filter(public_id=None).order_by("pk")[:BATCH]):
        for row in batch:
            row.public_id = name()
        with transaction.atomic(using=schema_editor.connection.alias):
            rows.bulk_update(batch, ["public_id"])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0002_name_audit_rows")]

    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop)]
