from django.db import migrations

from loyalty.migrations._room import leave_room


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0007_eight_card_types")]

    operations = [migrations.RunPython(leave_room, migrations.RunPython.noop)]
