from django.db import migrations, models

from automations.migrations._room import leave_room


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
