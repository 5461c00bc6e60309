from django.db import migrations, models

import accounts.identifiers

TABLE = "accounts_auditevent"

POSTGRESQL = f"""
CREATE FUNCTION {TABLE}_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('vpnconsole.audit_retention', true) = 'on' THEN
            RETURN OLD;
        END IF;
    ELSIF NEW.actor_id IS NULL AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'restrict_violation';
END
$body$;
CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION {TABLE}_append_only();
"""
POSTGRESQL_BACK = f"DROP TRIGGER {TABLE}_append_only ON {TABLE}; DROP FUNCTION {TABLE}_append_only();"

KEPT = (
    "id",
    "public_id",
    "account_id",
    "actor_name",
    "at",
    "address",
    "request_id",
    "action",
    "target",
    "detail",
)
SQLITE = f"""
CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE ON {TABLE}
WHEN NEW.actor_id IS NOT NULL OR {" OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in KEPT)}
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""
SQLITE_BACK = f"DROP TRIGGER {TABLE}_append_only"


def _either(postgresql, sqlite):
    def run(apps, schema_editor):
        schema_editor.execute(postgresql if schema_editor.connection.vendor == "postgresql" else sqlite)

    return run


class Migration(migrations.Migration):
    """The database itself refuses to change what was written, but for forgetting which user row an actor was.

    PostgreSQL refuses removals, too, except in a transaction of `manage.py prune_audit`. SQLite, which knows
    no such exception, leaves them to the model: who holds the file can do anything with it anyway.

    On SQLite, Django makes a table anew to alter a column, and triggers do not survive it: a later migration of
    this table has to end with the trigger, and a test looks whether it is there.
    """

    dependencies = [("accounts", "0003_fill_in_names_of_audit_rows")]

    operations = [
        migrations.AlterField(
            model_name="auditevent",
            name="public_id",
            field=models.CharField(
                default=accounts.identifiers.NewId("evt"), editable=False, max_length=40, unique=True
            ),
        ),
        migrations.RunPython(_either(POSTGRESQL, SQLITE), _either(POSTGRESQL_BACK, SQLITE_BACK)),
    ]
