from django.db import migrations

TABLE = "accounts_auditevent"
GUARD = f"""
CREATE FUNCTION {TABLE}_kept_whole() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF current_setting('vpnconsole.audit_retention', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'restrict_violation';
END
$body$;
CREATE TRIGGER {TABLE}_kept_whole BEFORE TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_kept_whole();
"""
BACK = f"DROP TRIGGER {TABLE}_kept_whole ON {TABLE}; DROP FUNCTION {TABLE}_kept_whole();"


def _on_postgresql(statement):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    """TRUNCATE asks no row's trigger: PostgreSQL has a kind of its own for it."""

    dependencies = [("accounts", "0005_keep_audit_rows_on_sqlite")]

    operations = [migrations.RunPython(_on_postgresql(GUARD), _on_postgresql(BACK))]
