import json
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automations.engine import dividing, months
from loyalty import clock
from loyalty.errors import IllegalOperation
from loyalty.management.command import VerbCommand


class Command(VerbCommand):
    help = _("Keeps the history by the month, so that old months are dropped whole (PostgreSQL).")

    def do(self, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise IllegalOperation(
                _("Only PostgreSQL keeps tables by the month. SQLite's are kept small row by row.")
            )
        now = clock.now()
        changed = {model: dividing.divide(model, now) for model in months.TABLES}
        dividing.keep_from_now_on(now)
        told = {
            model._meta.db_table: {
                "changed": changed[model],
                "parts": [month.table for month in months.of(model)],
            }
            for model in months.TABLES
        }
        self.stdout.write(json.dumps(told) if options["json"] else _in_words(told))


def _in_words(told: dict[str, dict[str, Any]]) -> str:
    lines = []
    for table, state in told.items():
        parts = len(state["parts"])
        words = {"table": table, "count": parts}
        if state["changed"]:
            text = ngettext(
                "%(table)s is kept by the month now: %(count)d part.",
                "%(table)s is kept by the month now: %(count)d parts.",
                parts,
            )
        else:
            text = ngettext(
                "%(table)s was kept by the month already: %(count)d part.",
                "%(table)s was kept by the month already: %(count)d parts.",
                parts,
            )
        lines.append(text % words)
    return "\n".join(lines)
