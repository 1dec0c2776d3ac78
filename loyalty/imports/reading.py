"""From bytes to parts: the file is read once, in the background, and then forgotten."""

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from loyalty.imports.cells import Unreadable
from loyalty.imports.columns import CONSENTS, guessed, is_heading
from loyalty.imports.files import MOST_COLUMNS, MOST_LINES, Row, rows_of_csv
from loyalty.imports.sheets import rows_of_sheet
from loyalty.imports.values import region_of, text
from loyalty.models import Business, Import, ImportChunk, ImportPart, Plan, Tier
from loyalty.models.importing import ImportState

# Twice as many took no less time; a till may wait for one part.
LINES_IN_PART = 500
PARTS_AT_ONCE = 10
# From which the meaning of columns is guessed, and that staff see beside it.
FIRST_LINES = 20
LONGEST_HEADER = 120


def read_on(source: Import, *, now: datetime, budget: float) -> int:
    """Write parts of the file for so many seconds; says how many lines. Afterwards it is `read`,
    with a guess at what its columns mean. Killed anywhere, it goes on behind the last part."""
    content = b"".join(
        bytes(data)
        for data in ImportChunk.objects.filter(source=source)
        .order_by("number")
        .values_list("data", flat=True)
    )
    reader = rows_of_csv if source.format == "csv" else rows_of_sheet
    try:
        return _read(source, reader(content), now, budget)
    except Unreadable as problem:
        _fail(source, problem.message, now)
        return 1


def _read(source: Import, rows: Iterator[Row], now: datetime, budget: float) -> int:
    first = list(islice(rows, FIRST_LINES + 1))
    if not first:
        raise Unreadable(_("There is nothing in the file."))
    headers, data = _headers(first)
    if not data:
        raise Unreadable(_("There is nothing in the file but its headers."))
    if len(headers) > MOST_COLUMNS:
        raise Unreadable(_("The file has more than %d columns.") % MOST_COLUMNS)
    parts = _parts(_chained(data, rows), written=source.lines)
    read, end = 0, time.monotonic() + budget
    while batch := list(islice(parts, PARTS_AT_ONCE)):
        if not _write(source, batch, now):
            return 1  # somebody else reads it, or it was cancelled
        read += sum(len(part) for part in batch)
        if source.lines > MOST_LINES:
            raise Unreadable(_("The file has more than %d lines.") % MOST_LINES)
        if time.monotonic() > end:
            return read
    _end(source, headers, data[:FIRST_LINES], now)
    return read or 1


def _headers(first: list[Row]) -> tuple[list[str], list[Row]]:
    """What the columns are called; where nothing says so, by their numbers."""
    cells = first[0].cells
    if is_heading(cells):
        headers = [
            text(cell)[:LONGEST_HEADER] or _("Column %d") % number
            for number, cell in enumerate(cells, 1)
        ]
        return headers, first[1:]
    widest = max(len(row.cells) for row in first)
    return [_("Column %d") % number for number in range(1, widest + 1)], first


def _chained(data: Iterable[Row], rest: Iterator[Row]) -> Iterator[Row]:
    yield from data
    yield from rest


def _parts(rows: Iterator[Row], written: int) -> Iterator[list[Row]]:
    for _row in islice(rows, written):
        pass
    while part := list(islice(rows, LINES_IN_PART)):
        yield part


def _write(source: Import, parts: list[list[Row]], now: datetime) -> bool:
    with transaction.atomic():
        row = Import.objects.select_for_update(no_key=True).get(pk=source.pk)
        if row.state != ImportState.UPLOADED or row.parts != source.parts:
            return False
        ImportPart.objects.bulk_create(
            ImportPart(source=source, number=number, content=json.dumps(part))
            for number, part in enumerate(parts, source.parts)
        )
        source.parts += len(parts)
        source.lines += sum(map(len, parts))
        source.changed_at = now
        source.save(update_fields=["parts", "lines", "changed_at"])
    return True


def _end(source: Import, headers: list[str], first: list[Row], now: datetime) -> None:
    guess = guessed(headers, [row.cells for row in first])
    shape = hashlib.sha256(json.dumps(headers).encode()).hexdigest()
    with transaction.atomic():
        row = Import.objects.select_for_update(no_key=True).get(pk=source.pk)
        if row.state != ImportState.UPLOADED:
            return
        told = row.layout
        row.headers, row.shape = headers, shape
        absent = _absent()
        guess.columns = ["" if each in absent else each for each in guess.columns]
        if row.goes_on_to and not row.proof:  # nobody is asked for it either
            guess.columns = ["" if each in CONSENTS else each for each in guess.columns]
        row.layout = {
            "columns": guess.columns,
            "region": region_of(Business.get().time_zone),
            "dates": guess.dates,
            "decimal": guess.decimal,
        } | (_remembered(shape) or {})
        row.layout = _as_told(row.layout, headers, told)
        row.state, row.changed_at = ImportState.READ, now
        row.save()
        ImportChunk.objects.filter(source=row).delete()


def _absent() -> set[str]:
    """What no column means where the shop has nothing of the kind, whatever its header says."""
    absent = set() if Tier.objects.exists() else {"tier", "tier_until"}
    return absent if Plan.objects.exists() else absent | {"plan", "period"}


def _as_told(layout: dict[str, Any], headers: list[str], told: dict[str, Any]) -> dict[str, Any]:
    """What whoever sent the file said goes before what is guessed of it."""
    meanings = told.get("by_header", {})
    columns = [
        meanings.get(header, "" if each in meanings.values() else each)
        for header, each in zip(headers, layout["columns"], strict=False)
    ]
    rest = {name: value for name, value in told.items() if name != "by_header"}
    return layout | rest | {"columns": columns}


def _remembered(shape: str) -> dict[str, object] | None:
    """How the last file with the same headers was understood."""
    before = Import.objects.filter(shape=shape, started_at__isnull=False)
    return before.order_by("-pk").values_list("layout", flat=True).first()


def _fail(source: Import, note: str, now: datetime) -> None:
    with transaction.atomic():
        row = Import.objects.select_for_update(no_key=True).get(pk=source.pk)
        if row.state == ImportState.UPLOADED:
            row.state, row.note, row.changed_at = ImportState.FAILED, note[:250], now
            row.save(update_fields=["state", "note", "changed_at"])
            ImportChunk.objects.filter(source=row).delete()
            ImportPart.objects.filter(source=row).delete()


def rows_of(part: ImportPart) -> list[Row]:
    return [Row(line, cells) for line, cells in json.loads(part.content)]


def first_rows(source: Import, most: int = 3) -> list[Row]:
    """Some of its lines, to be looked at; none once they are gone."""
    part = ImportPart.objects.filter(source=source, number=0).first()
    return rows_of(part)[:most] if part else []
