"""How a table is written: as CSV, or as a spreadsheet (XLSX)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from loyalty.exports import sheet
from loyalty.exports.archive import LARGEST, Member, archive, length_of
from loyalty.exports.cells import line_of
from loyalty.exports.packing import unpacked
from loyalty.exports.tables import Cells, Table
from loyalty.models import Export

Pieces = Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """`begins`, `line` (with its number, the header's is 1) and `ends` are the text; `whole` makes
    of its packed pieces what is sent, and says how long that is. `most_lines` and `largest` (bytes)
    are as much as it holds."""

    media_type: str
    begins: Callable[[Sequence[str]], str]
    line: Callable[[Cells, int], str]
    ends: str
    whole: Callable[[Export, Table, Pieces], tuple[int, Iterator[bytes]]]
    most_lines: float = float("inf")
    largest: float = float("inf")


def _csv_begins(header: Sequence[str]) -> str:
    """With the mark that tells a spreadsheet that it is UTF-8."""
    return f"\ufeff{line_of(header)}"


def _csv_line(cells: Cells, number: int) -> str:
    return line_of(cells)


def _csv(source: Export, table: Table, pieces: Pieces) -> tuple[int, Iterator[bytes]]:
    return source.size, unpacked(pieces)


def _xlsx(source: Export, table: Table, pieces: Pieces) -> tuple[int, Iterator[bytes]]:
    around = sheet.around(str(table.label))
    members = [
        *(Member.of(name, text) for name, text in around.items()),
        Member(sheet.PATH, source.checksum, source.packed, source.size, pieces),
    ]
    return length_of(members), archive(members)


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", _csv_begins, _csv_line, "", _csv),
    "xlsx": Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        sheet.begins,
        sheet.line,
        sheet.ENDS,
        _xlsx,
        most_lines=sheet.MOST_LINES,
        largest=LARGEST - 2**20,  # what stands around the sheet needs room as well
    ),
}
