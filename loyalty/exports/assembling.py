"""The last step of a spreadsheet: put together from its parts, in one go, and kept in chunks.

Nothing is locked meanwhile. Whoever is at it says so every half second, which also says how far it
is; after some seconds of silence anybody begins anew, from the same parts. One at a time in all the
house, so that workers are left for everything else.
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from loyalty import clock
from loyalty.errors import LoyaltyError
from loyalty.exports import scratch, sheet
from loyalty.exports.asking import KEPT
from loyalty.exports.packing import unpacked
from loyalty.exports.tables import TABLES
from loyalty.models import Export, ExportChunk
from loyalty.models.exporting import ExportState

BEAT = 0.5  # seconds
LOST_AFTER = timedelta(seconds=5)
MOST_TRIES = 5
CHUNK = 1024 * 1024  # bytes


class TooMuch(LoyaltyError):
    """That is too much for a spreadsheet: take CSV, which has no limit."""

    code = "too_large"


class _StoppedError(Exception):
    """It was deleted, or somebody else began anew."""


def is_at_work(now: datetime) -> bool:
    """Whether one is being put together anywhere."""
    running = Export.objects.filter(state=ExportState.RUNNING)
    return running.filter(seen_at__gt=now - LOST_AFTER).exists()


def assemble(pk: int, *, now: datetime | None = None) -> bool:
    """Make it a file. About 70 µs a line, whatever the budget; may be repeated. False where there
    is nothing to do, or somebody is at it. Raises TooMuch after so many tries that broke off."""
    source = _begin(pk, now or clock.now())
    if source is None:
        return False
    table = TABLES[source.table]
    with scratch.folder() as folder:
        path = folder / source.name
        try:
            sheet.write(path, str(table.label), table.header, _told(source, now))
        except _StoppedError:
            return False
        return _keep(source, path, now or clock.now())


def _begin(pk: int, now: datetime) -> Export | None:
    with transaction.atomic():
        here = Export.objects.select_for_update(no_key=True, skip_locked=True)
        row = here.filter(pk=pk, state=ExportState.RUNNING, cursor=F("parts")).first()
        if row is None or is_at_work(now):
            return None
        row.tries, row.seen_at, row.assembled = row.tries + 1, now, 0
        row.save(update_fields=["tries", "seen_at", "assembled"])
    if row.tries > MOST_TRIES:
        raise TooMuch(_("This spreadsheet could not be put together: take CSV."))
    return row


def _told(source: Export, now: datetime | None) -> Iterator[list[Any]]:
    """Its lines; meanwhile it is told how many have gone by."""
    beat_at = time.monotonic() + BEAT
    for number, cells in enumerate(_lines(source)):
        if time.monotonic() > beat_at:
            _beat(source, number, now or clock.now())
            beat_at = time.monotonic() + BEAT
        yield cells


def _beat(source: Export, lines: int, now: datetime) -> None:
    mine = Export.objects.filter(pk=source.pk, state=ExportState.RUNNING, tries=source.tries)
    if not mine.update(assembled=lines, seen_at=now):
        raise _StoppedError


def _lines(source: Export) -> Iterator[list[Any]]:
    for number in range(source.parts):
        found = source.file_parts.filter(number=number).values_list("data", flat=True).first()
        if found is None:
            raise _StoppedError
        yield from sheet.lines(unpacked(bytes(found)).decode())


def _keep(source: Export, path: Path, now: datetime) -> bool:
    """The file instead of its parts, or nothing. Who began anew meanwhile finds that it is done."""
    with transaction.atomic():
        here = Export.objects.select_for_update(no_key=True)
        row = here.filter(pk=source.pk, state=ExportState.RUNNING).first()
        if row is None:
            return False
        with path.open("rb") as file:
            for number, data in enumerate(iter(lambda: file.read(CHUNK), b"")):
                ExportChunk.objects.create(source=row, number=number, data=data)
        row.file_parts.update(data=None)
        row.state, row.expires_at = ExportState.FINISHED, now + KEPT
        row.size, row.assembled, row.seen_at = path.stat().st_size, row.rows, None
        row.save(update_fields=["state", "expires_at", "size", "assembled", "seen_at"])
    return True
