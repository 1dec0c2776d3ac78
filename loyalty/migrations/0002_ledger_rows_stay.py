"""Ledger rows are never edited or deleted: the database itself refuses."""

from django.db import migrations

from loyalty.migrations._rows_stay import guard, unguard


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard, elidable=False)]
