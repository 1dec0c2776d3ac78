"""Exports, asked for and written to their end, and what is in their files."""

import csv
import io
from datetime import datetime
from typing import Any

from openpyxl import load_workbook

from loyalty import exports
from loyalty.models import Customer, Export


def rows_of(file: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))


def sheet_of(file: bytes) -> Any:
    return load_workbook(io.BytesIO(file)).worksheets[0]


def lines_of(file: bytes) -> list[list[Any]]:
    """Of a spreadsheet."""
    return [list(row) for row in sheet_of(file).iter_rows(values_only=True)]


def asked(now: datetime, kind: str = "csv", table: str = "customers") -> Export:
    pks = Customer.objects.present().order_by("pk").values_list("pk", flat=True)
    source, _new = exports.begin(pks, table=table, kind=kind, actor="staff:1", now=now)
    return source


def written(source: Export, now: datetime) -> Export:
    while source.is_at_work:
        assert source.pk in exports.due(now)
        exports.work(source.pk, now=now, budget=0)
        source.refresh_from_db()
    return source


def bytes_of(source: Export, now: datetime) -> bytes:
    file = exports.file_of(source, now=now)
    found = b"".join(file.pieces)
    assert len(found) == file.length
    return found
