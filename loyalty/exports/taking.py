"""The file of a finished export, sent part by part, and what is said of an export."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from loyalty import shapes
from loyalty.errors import NotFound
from loyalty.exports.formats import FORMATS
from loyalty.exports.packing import unpacked
from loyalty.models import Export, ExportChunk, ExportPart
from loyalty.models.exporting import ExportState

# Of the time that a spreadsheet takes: so much until its parts are written.
WRITING = 0.4


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
    pieces = _chunks(source) if kind.is_assembled else _parts(source)
    return File(source.name, kind.media_type, source.size, pieces)


def _parts(source: Export) -> Iterator[bytes]:
    """One statement each, so that a slow reader keeps no transaction open. A file that is deleted
    meanwhile breaks off with NotFound, short of the length that was announced."""
    for number in range(source.parts):
        found = ExportPart.objects.filter(source=source, number=number)
        yield unpacked(_some(found.values_list("data", flat=True).first()))


def _chunks(source: Export) -> Iterator[bytes]:
    """The same of what was put together."""
    sent = number = 0
    while sent < source.size:
        found = ExportChunk.objects.filter(source=source, number=number)
        data = _some(found.values_list("data", flat=True).first())
        sent, number = sent + len(data), number + 1
        yield data


def _some(data: bytes | memoryview | None) -> bytes:
    if data is None:
        raise NotFound
    return bytes(data)


def percent(source: Export) -> int:
    """How far it is; 100 is the file."""
    if source.state == ExportState.FINISHED:
        return 100
    share = source.done / source.customers if source.customers else 0.0
    if FORMATS[source.format].is_assembled:
        together = source.assembled / source.rows if source.rows else 0.0
        share = WRITING * share + (1 - WRITING) * together
    return min(99, int(100 * share))


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
        "percent": percent(source),
        "lines": source.rows,
        "created_at": shapes.moment(source.created_at),
        "expires_at": shapes.moment(source.expires_at) if has_file else None,
    }
