"""How a table is written: as CSV, or as a spreadsheet (XLSX)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loyalty.exports import sheet
from loyalty.exports.cells import line_of
from loyalty.exports.tables import Cells


@dataclass(frozen=True, slots=True)
class Format:
    """A part is the text of its lines, the first one `begins` with the header. Parts are the file,
    or one `is_assembled` from them. `most_lines` is as much as it holds, without the header."""

    media_type: str
    begins: Callable[[Sequence[str]], str]
    line: Callable[[Cells], str]
    is_assembled: bool = False
    most_lines: float = float("inf")


def _csv_begins(header: Sequence[str]) -> str:
    """With the mark that tells a spreadsheet that it is UTF-8."""
    return f"\ufeff{line_of(header)}"


def _with_nothing(header: Sequence[str]) -> str:
    return ""


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", _csv_begins, line_of),
    "xlsx": Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _with_nothing,
        sheet.line,
        is_assembled=True,
        most_lines=sheet.MOST_LINES,
    ),
}
