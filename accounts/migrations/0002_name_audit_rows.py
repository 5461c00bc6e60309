import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A public id for each row; an account with a trail cannot be deleted; rows are found by target."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="public_id",
            field=models.CharField(editable=False, max_length=40, null=True),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="audit_events",
                to="accounts.account",
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["account", "target", "-id"], name="audit_by_target"),
        ),
    ]
