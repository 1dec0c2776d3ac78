"""The background's part: write what was asked for, part by part, and delete it when its days are
over.

A part is one transaction that also moves the export's cursor: a death anywhere is a rollback, and
whoever comes next, on whatever host, writes that part. The last one makes it a file.
"""

import json
import logging
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from django.db import Error, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from loyalty import clock
from loyalty.errors import LoyaltyError
from loyalty.exports import asking
from loyalty.exports.formats import FORMATS, Format
from loyalty.exports.packing import Piece, packed
from loyalty.exports.tables import TABLES, Cells, Table
from loyalty.models import Business, Export, ExportPart
from loyalty.models.exporting import ExportState

# Lines that are packed at once.
LINES = 500

log = logging.getLogger(__name__)


class TooMuch(LoyaltyError):
    """That is too much for a spreadsheet: take CSV, which has no limit."""

    code = "too_large"


def due(now: datetime) -> list[int]:
    """The exports that are to be written, and those whose days are over."""
    kept = Export.objects.filter(state__in=asking.WITH_A_FILE)
    found = kept.filter(Q(state=ExportState.RUNNING) | Q(expires_at__lte=now))
    return list(found.order_by("pk").values_list("pk", flat=True))


def work(pk: int, *, now: datetime | None = None, budget: float = 2.0) -> int:
    """Go on with one export for so many seconds; says of how many customers. Anybody may, at any
    time."""
    source, moment = Export.objects.filter(pk=pk).first(), now or clock.now()
    if source is None or source.state not in asking.WITH_A_FILE:
        return 0
    if source.expires_at <= moment:
        asking.cancel(source, now=moment, note=_("Its days were over."))
        return 1
    try:
        return _write(source, moment, budget)
    except Error:
        raise  # of the database: it will be tried again
    except TooMuch as refused:
        _fail(pk, refused.message, moment)
    except Exception:
        log.exception("Export %d failed", pk)
        _fail(pk, _("Something went wrong on our side. Export it anew."), moment)
    return 1


def _write(source: Export, now: datetime, budget: float) -> int:
    done, end = 0, time.monotonic() + budget
    zone = Business.get().time_zone
    while source.state == ExportState.RUNNING and (not done or time.monotonic() < end):
        part = source.file_parts.get(number=source.cursor)
        said = _Part(source, json.loads(part.customers), zone)
        if not _keep(source, part, said, now):
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
        lines = self._lines(self.table.rows(pks, zone))
        self.piece: Piece = packed(lines, checksum=source.checksum, is_last=self.is_last)
        if source.size + self.piece.size > self.format.largest:
            raise TooMuch

    def _lines(self, rows: Iterable[Cells]) -> Iterator[str]:
        if self.is_first:
            yield self.format.begins(self.table.header)
        rows = iter(rows)
        while some := list(islice(rows, LINES)):
            first = self.rows + 2  # the header is line 1
            self.rows += len(some)
            if self.rows + 1 > self.format.most_lines:
                raise TooMuch(
                    _("More than %d lines do not fit into a spreadsheet: take CSV.")
                    % (self.format.most_lines - 1)
                )
            yield "".join(self.format.line(row, first + n) for n, row in enumerate(some))
        if self.is_last:
            yield self.format.ends


def _keep(source: Export, part: ExportPart, said: _Part, now: datetime) -> bool:
    """The part with the move of the cursor, or nothing; False where it is no longer to be done."""
    with transaction.atomic():
        here = Export.objects.select_for_update(no_key=True, skip_locked=True)
        row = here.filter(pk=source.pk, state=source.state, cursor=source.cursor).first()
        if row is None:
            return False
        ExportPart.objects.filter(pk=part.pk).update(data=said.piece.data)
        row.cursor += 1
        row.done += len(said.pks)
        row.rows = said.rows
        row.size += said.piece.size
        row.packed += len(said.piece.data)
        row.checksum = said.piece.checksum
        row.changed_at = now
        if said.is_last:
            row.state, row.expires_at = ExportState.FINISHED, now + asking.KEPT
        row.save()
    for name in ("state", "cursor", "rows", "size", "packed", "checksum"):
        setattr(source, name, getattr(row, name))
    return True


def _fail(pk: int, note: str, now: datetime) -> None:
    with transaction.atomic():
        row = Export.objects.select_for_update(no_key=True).get(pk=pk)
        if row.state == ExportState.RUNNING:
            row.state, row.note, row.changed_at = ExportState.FAILED, note[:250], now
            row.save(update_fields=["state", "note", "changed_at"])
            ExportPart.objects.filter(source=row).delete()
