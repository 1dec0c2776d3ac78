"""Tables as files: CSV as a stream of any length, XLSX as a whole."""

import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from loyalty.errors import LoyaltyError
from loyalty.exports.cells import line_of
from loyalty.exports.tables import Cells, Table

# A spreadsheet is made before its first byte can be sent.
MOST_IN_A_SHEET = 50_000


class TooMany(LoyaltyError):
    """That is too much for a spreadsheet: take CSV, which has no limit."""

    code = "too_large"


def as_csv(table: Table, rows: Iterable[Cells]) -> Iterator[str]:
    """Formula-safe, in UTF-8 with the mark that tells a spreadsheet so."""
    yield "\ufeff"
    yield line_of(table.header)
    for row in rows:
        yield line_of(row)


def as_sheet(table: Table, rows: Iterable[Cells]) -> IO[bytes]:
    """A file that is gone when it is closed; raises TooMany. Text never is a formula there."""
    found = list(islice(rows, MOST_IN_A_SHEET + 1))
    if len(found) > MOST_IN_A_SHEET:
        raise TooMany(_("More than %d rows: take CSV.") % MOST_IN_A_SHEET)
    book = Workbook(write_only=True)
    page = book.create_sheet(str(table.label)[:31])
    page.append(list(table.header))
    for row in found:
        page.append([_cell(page, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 (whoever sends it closes it)
    book.save(file)
    file.seek(0)
    return file


def _cell(page: Any, value: object) -> object:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(page, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"  # or "=1+1" would be computed
    return cell
