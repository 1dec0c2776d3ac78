"""What is said of an import: in short, and line by line."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from loyalty import shapes
from loyalty.exports.cells import line_of
from loyalty.models import Import, ImportProblem


def summary(source: Import) -> dict[str, Any]:
    """As the API and the command say it; counts of a check are what would be."""
    return {
        "id": source.pk,
        "file": source.name,
        "state": source.state,
        "note": source.note,
        "lines": source.lines,
        "done": source.done,
        "new": source.made,
        "changed": source.changed,
        "matched": source.known,
        "errors": source.refused,
        "cards_issued": source.cards_issued,
        "balances_given": source.balances_given,
        "program": source.program.slug if source.program else None,
        "trigger": source.trigger or "none",
        "columns": dict(zip(source.headers, source.layout.get("columns", ()), strict=False)),
        "created_at": shapes.moment(source.created_at),
    }


def report(source: Import) -> Iterator[str]:
    """CSV of what could not be taken, to be mended beside the file."""
    yield "\ufeff"
    yield line_of([_("Line"), _("Problem")])
    problems = ImportProblem.objects.filter(source=source).order_by("line")
    for line, text in problems.values_list("line", "text").iterator(chunk_size=2000):
        yield line_of([line, text])
