import django.db.models.deletion
from django.db import migrations, models

from loyalty.migrations._card_unchecked import drop_constraint, make_constraint


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0008_room_for_accounts")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_constraint, make_constraint)],
            state_operations=[
                migrations.AlterField(
                    model_name="operation",
                    name="card",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="operations",
                        to="loyalty.card",
                    ),
                ),
            ],
        ),
    ]
