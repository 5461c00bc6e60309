from django.db import migrations

TABLE = "accounts_auditevent"
GUARD = f"""
CREATE TRIGGER {TABLE}_keep BEFORE DELETE ON {TABLE}
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""


def _on_sqlite(statement):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    """SQLite refuses removals, too. Where rows may go, in a transaction of `accounts.audit_retention`, the
    trigger goes for the time of it, which nobody else sees.

    A later migration that makes the table anew has to end with this trigger and that of `0004`.
    """

    dependencies = [("accounts", "0004_keep_audit_rows")]

    operations = [migrations.RunPython(_on_sqlite(GUARD), _on_sqlite(f"DROP TRIGGER {TABLE}_keep"))]
