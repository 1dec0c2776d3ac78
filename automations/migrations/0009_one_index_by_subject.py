from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def leave_room(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Every move updates a journey: with room on its page the new row stays on it. Counts for the
    pages written from now on."""
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE automations_journey SET (fillfactor = 85)")


class Migration(migrations.Migration):
    """Every move of a journey writes every index of it: the two by whom it is about become one."""

    dependencies = [("automations", "0008_heard_inside")]

    operations = [
        migrations.AddIndex(
            model_name="journey",
            index=models.Index(fields=["subject", "state"], name="journey_by_subject"),
        ),
        migrations.RemoveIndex(model_name="journey", name="journeys_inside"),
        migrations.RemoveIndex(model_name="journey", name="journey_by_customer"),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
    ]
