"""The background's part: write what was asked for, part by part, and delete it when its days are
over.

A part is one transaction that also moves the export's cursor: a death anywhere is a rollback, and
whoever comes next, on whatever host, writes that part. The last one makes it a file, or leaves what
a file is put together from.
"""

import json
import logging
import time
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import Error, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from loyalty import clock
from loyalty.exports import asking, assembling
from loyalty.exports.assembling import TooMuch
from loyalty.exports.formats import FORMATS, Format
from loyalty.exports.packing import packed
from loyalty.exports.tables import TABLES, Cells, Table
from loyalty.models import Business, Export, ExportPart
from loyalty.models.exporting import ExportState

# A spreadsheet of so many lines is put together at once, in two tenths of a second.
FEW = 2_000

log = logging.getLogger(__name__)


def due(now: datetime) -> list[int]:
    """The exports that are to be written, and those whose days are over. While a spreadsheet is put
    together somewhere, it and those that come after it are not."""
    kept = Export.objects.filter(state__in=asking.WITH_A_FILE)
    running = Q(state=ExportState.RUNNING)
    if assembling.is_at_work(now):
        running &= ~Q(cursor=F("parts"))
    found = kept.filter(running | Q(expires_at__lte=now))
    return list(found.order_by("pk").values_list("pk", flat=True))


def work(
    pk: int, *, now: datetime | None = None, budget: float = 2.0, is_awaited: bool = False
) -> int:
    """Go on with one export for so many seconds; says of how many customers. Anybody may, at any
    time. A spreadsheet is put together in one go, about 4 s at most; where somebody waits for the
    answer only one of few lines is."""
    source, moment = Export.objects.filter(pk=pk).first(), now or clock.now()
    if source is None or source.state not in asking.WITH_A_FILE:
        return 0
    if source.expires_at <= moment:
        asking.cancel(source, note=_("Its days were over."))
        return 1
    try:
        if source.cursor < source.parts:
            done = _write(source, moment, budget)
            return done + _assemble(source, now, is_awaited=True)
        return _assemble(source, now, is_awaited=is_awaited)
    except Error:
        raise  # of the database: it will be tried again
    except TooMuch as refused:
        _fail(pk, refused.message)
    except Exception:
        log.exception("Export %d failed", pk)
        _fail(pk, _("Something went wrong on our side. Export it anew."))
    return 1


def _assemble(source: Export, now: datetime | None, *, is_awaited: bool) -> int:
    if source.state != ExportState.RUNNING or source.cursor < source.parts:
        return 0
    if is_awaited and source.rows > FEW:
        return 0
    return int(assembling.assemble(source.pk, now=now))


def _write(source: Export, now: datetime, budget: float) -> int:
    done, end = 0, time.monotonic() + budget
    zone = Business.get().time_zone
    while source.cursor < source.parts and (not done or time.monotonic() < end):
        part = source.file_parts.filter(number=source.cursor).first()
        said = _Part(source, json.loads(part.customers), zone) if part else None
        if part is None or said is None or not _keep(source, part, said, now):
            return done or 1  # somebody else was faster, or it was deleted
        done += max(1, len(said.pks))
    return done


class _Part:
    """What the file says of some customers, and what the export counts when it is kept."""

    def __init__(self, source: Export, pks: list[int], zone: str) -> None:
        self.pks, self.rows = pks, source.rows
        self.table: Table = TABLES[source.table]
        self.format: Format = FORMATS[source.format]
        self.is_first = source.cursor == 0
        self.is_last = source.cursor + 1 == source.parts
        self.data, self.size = packed("".join(self._lines(self.table.rows(pks, zone))))

    def _lines(self, rows: Iterable[Cells]) -> Iterator[str]:
        if self.is_first:
            yield self.format.begins(self.table.header)
        for row in rows:
            self.rows += 1
            if self.rows > self.format.most_lines:
                raise TooMuch(
                    _("A spreadsheet takes at most %s lines: take CSV, which has no limit.")
                    % intcomma(str(self.format.most_lines))
                )
            yield self.format.line(row)


def _keep(source: Export, part: ExportPart, said: _Part, now: datetime) -> bool:
    """The part with the move of the cursor, or nothing; False where it is no longer to be done."""
    with transaction.atomic():
        here = Export.objects.select_for_update(no_key=True, skip_locked=True)
        row = here.filter(pk=source.pk, state=source.state, cursor=source.cursor).first()
        if row is None:
            return False
        ExportPart.objects.filter(pk=part.pk).update(data=said.data)
        row.cursor += 1
        row.done += len(said.pks)
        row.rows = said.rows
        row.size += said.size
        if said.is_last and not said.format.is_assembled:
            row.state, row.expires_at = ExportState.FINISHED, now + asking.KEPT
        row.save()
    for name in ("state", "cursor", "rows", "size"):
        setattr(source, name, getattr(row, name))
    return True


def _fail(pk: int, note: str) -> None:
    with transaction.atomic():
        row = Export.objects.select_for_update(no_key=True).get(pk=pk)
        if row.state == ExportState.RUNNING:
            asking.drop_file(row, ExportState.FAILED, note)
