"""The file of a finished export, sent part by part, and what is said of an export."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from loyalty import shapes
from loyalty.errors import NotFound
from loyalty.exports.formats import FORMATS
from loyalty.exports.tables import TABLES
from loyalty.models import Export, ExportPart
from loyalty.models.exporting import ExportState


class File(NamedTuple):
    """`length` in bytes; `pieces` can be gone through once."""

    name: str
    media_type: str
    length: int
    pieces: Iterator[bytes]


def file_of(source: Export, *, now: datetime) -> File:
    """Raises NotFound where there is none, not yet or no longer."""
    if source.state != ExportState.FINISHED or source.expires_at <= now:
        raise NotFound
    kind = FORMATS[source.format]
    length, pieces = kind.whole(source, TABLES[source.table], _packed(source))
    return File(source.name, kind.media_type, length, pieces)


def _packed(source: Export) -> Iterator[bytes]:
    """One statement each, so that a slow reader keeps no transaction open. A file that is deleted
    meanwhile breaks off with NotFound, short of the length that was announced."""
    for number in range(source.parts):
        found = ExportPart.objects.filter(source=source, number=number)
        data = found.values_list("data", flat=True).first()
        if data is None:
            raise NotFound
        yield bytes(data)


def summary(source: Export) -> dict[str, Any]:
    """As the API says it."""
    has_file = source.state == ExportState.FINISHED
    return {
        "id": source.pk,
        "table": source.table,
        "format": source.format,
        "state": source.state,
        "note": source.note,
        "customers": source.customers,
        "done": source.done,
        "lines": source.rows,
        "created_at": shapes.moment(source.created_at),
        "expires_at": shapes.moment(source.expires_at) if has_file else None,
    }
