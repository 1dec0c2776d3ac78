"""A file as lines of cells, whatever wrote it: CSV in any usual encoding, or a spreadsheet.

Text stays text; numbers and dates of a spreadsheet become numbers and ISO dates, so that nobody
has to guess how they were written. Raises `Unreadable`, with a sentence for whoever sent the file.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from django.utils.translation import gettext as _

from loyalty.imports.cells import Cell, Unreadable

MIB = 1024 * 1024
LARGEST_CSV = 50 * MIB
LARGEST_SHEET = 20 * MIB
MOST_LINES = 1_000_000
MOST_COLUMNS = 200
LONGEST_CELL = 32_767  # characters; as many as Excel keeps

DELIMITERS = (",", ";", "\t", "|")
# Enough to see how it is written.
LOOKED_AT = 64 * 1024
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class Row(NamedTuple):
    """One line: its number in the file, from 1, and its cells."""

    line: int
    cells: list[Cell]


def format_of(start: bytes, size: int) -> str:
    """`csv` or `xlsx`, by what the file is and not by what it is called."""
    if not size:
        raise Unreadable(_("The file is empty."))
    if start.startswith(ZIP):
        limit, found = LARGEST_SHEET, "xlsx"
    elif start.startswith(OLD_EXCEL):
        raise Unreadable(
            _("This is a spreadsheet of an old kind (XLS). Open it and save it as XLSX or CSV.")
        )
    elif start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise Unreadable(_("This is no CSV and no XLSX file. Save it as one of them first."))
    else:
        limit, found = LARGEST_CSV, "csv"
    if size > limit:
        said = _("The file is larger than %(most)d MB. Cut it into several.")
        raise Unreadable(said % {"most": limit // MIB})
    return found


def rows_of_csv(content: bytes) -> Iterator[Row]:
    """Its lines, empty ones left out; the number is that of the line on which a row begins."""
    # newline="": only \n, \r and \r\n end a line, and quoted ones stay as they are.
    text = io.TextIOWrapper(io.BytesIO(content), _encoding(content), newline="")
    first: list[str] = []
    for line in text:
        first.append(line)
        if sum(map(len, first)) > LOOKED_AT:
            break
    delimiter, told = _delimiter(first)
    reader = csv.reader(chain(first, text), delimiter=delimiter)
    before = 0
    try:
        for cells in reader:
            begins, before = before + 1, reader.line_num
            if (begins > 1 or not told) and any(map(str.strip, cells)):
                yield Row(begins, list(cells[: MOST_COLUMNS + 1]))
    except csv.Error:
        said = _("Line %(line)d cannot be read: a cell is too long, or a quote is never closed.")
        raise Unreadable(said % {"line": before + 1}) from None


def _encoding(content: bytes) -> str:
    for mark, name in BYTE_ORDER_MARKS:
        if content.startswith(mark) and _fits(content, name):
            return name
    sample = content[:LOOKED_AT]
    if sample.count(0) > len(sample) // 4:
        # Latin letters in UTF-16 have a zero in every second place.
        name = "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
        if _fits(content, name):
            return name
    fits = (name for name in ("utf-8", "cp1252") if _fits(content, name))
    return next(fits, "latin-1")


def _fits(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeError:
        return False
    return True


def _delimiter(first: list[str]) -> tuple[str, bool]:
    """What stands between cells, and whether the file's first line is there to say so."""
    said = first[0].strip().lower() if first else ""
    if said.startswith("sep=") and len(said) <= len("sep=x"):
        return (said[4:] or "\t"), True
    return max(DELIMITERS, key=lambda each: _fitness(first, each)), False


def _fitness(first: list[str], delimiter: str) -> tuple[bool, float, int]:
    """Rows of equal length, and many cells in each, speak for a delimiter."""
    try:
        widths = [len(row) for row in csv.reader(first[:50], delimiter=delimiter) if row]
    except csv.Error:
        return False, 0.0, 0
    if not widths:
        return False, 0.0, 0
    same = widths.count(widths[0]) / len(widths)
    return widths[0] > 1, round(same, 1), widths[0]
