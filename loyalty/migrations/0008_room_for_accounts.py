from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def leave_room(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """An account is updated with every posting: with room on its page the new row stays beside the
    old one, and no index is written (a heap-only tuple). Counts for the pages written from now on."""
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE loyalty_account SET (fillfactor = 80)")


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0007_eight_card_types")]

    operations = [migrations.RunPython(leave_room, migrations.RunPython.noop)]
