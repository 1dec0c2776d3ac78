"""A spreadsheet (XLSX) as lines of cells; its first sheet is meant.

A workbook is a zip of XML: what it would grow to is asked before anything is unpacked, and
defusedxml (which openpyxl uses where it is installed) refuses entities that multiply.
"""

import io
import math
import warnings
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from loyalty.imports.cells import Cell, Unreadable
from loyalty.imports.files import LONGEST_CELL, MIB, MOST_COLUMNS, Row

LARGEST_UNPACKED = 200 * MIB
MOST_FILES = 1_000
# A file that was made by hand may fail openpyxl anywhere.
BROKEN = (
    *(BadZipFile, InvalidFileException, ParseError, zlib.error, EOFError, NotImplementedError),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError, RuntimeError),
    OSError,
)


def rows_of_sheet(content: bytes) -> Iterator[Row]:
    """Its lines, empty ones left out, numbered as the spreadsheet shows them."""
    try:
        _require_small(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which nobody needs here
            yield from _rows(content)
    except BROKEN:
        raise Unreadable(_("This spreadsheet cannot be opened. Save it as XLSX again.")) from None


def _rows(content: bytes) -> Iterator[Row]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size need not be true
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = _cells(values)
            if any(cell not in (None, "") for cell in cells):
                yield Row(number, cells)
    finally:
        book.close()


def _require_small(content: bytes) -> None:
    with ZipFile(io.BytesIO(content)) as packed:
        files = packed.infolist()
    if len(files) > MOST_FILES or sum(file.file_size for file in files) > LARGEST_UNPACKED:
        said = _("Unpacked, this spreadsheet is larger than %d MB. Cut it into several.")
        raise Unreadable(said % (LARGEST_UNPACKED // MIB))


def _cells(values: Iterable[object]) -> list[Cell]:
    cells = [_cell(value) for _place, value in zip(range(MOST_COLUMNS + 1), values, strict=False)]
    while cells and cells[-1] in (None, ""):
        cells.pop()
    return cells


def _cell(value: object) -> Cell:
    match value:
        case bool() | int():
            return value
        case float():
            return _number(value)
        case datetime():
            is_a_day = value.time() == time()
            return value.date().isoformat() if is_a_day else value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case None:
            return None
        case timedelta():
            return str(value)
    return str(value)[: LONGEST_CELL + 1]


def _number(value: float) -> Cell:
    """Excel knows no whole numbers: 4144 is 4144.0 to it."""
    if not math.isfinite(value):
        return str(value)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
