"""The one sheet of a spreadsheet as XML, line by line, and the small files that stand around it.

The shapes are ECMA-376's (part 1: 18.3 sheets, 18.8 styles; part 2: packages). A text is always an
inline string, so no spreadsheet takes it for a formula.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

MOST_LINES = 1_048_576  # as many as Excel opens, the header is one of them
PATH = "xl/worksheets/sheet1.xml"
ENDS = "</sheetData></worksheet>"
# Places in the list of styles.
PLAIN, DATE, BOLD = 0, 1, 2

# XML 1.0 (2.2) has no place for these either; one of them, and no spreadsheet opens the file.
_NO_CHARACTERS = dict.fromkeys([0xFFFE, 0xFFFF])

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def begins(header: Sequence[str]) -> str:
    """The sheet up to its first line, which stays in sight."""
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f'</sheetView></sheetViews><cols><col min="1" max="{len(header)}" width="18"'
        f' customWidth="1"/></cols><sheetData>{line(header, 1, BOLD)}'
    )


def line(cells: Sequence[object], number: int, style: int = PLAIN) -> str:
    """One line of it, numbered from 1."""
    said = (
        _cell(cell, f"{_letter(place)}{number}", style)
        for place, cell in enumerate(cells, 1)
        if cell not in (None, "")
    )
    return f'<row r="{number}">{"".join(said)}</row>'


def _cell(value: object, place: str, style: int) -> str:
    match value:
        case int() | Decimal():
            return f'<c r="{place}" s="{style}"><v>{value:f}</v></c>'
        case date():
            return f'<c r="{place}" s="{DATE}"><v>{_serial(value)}</v></c>'
    legal = ILLEGAL_CHARACTERS_RE.sub("", str(value)).translate(_NO_CHARACTERS)
    text = escape(legal, {"\r": "&#13;"})
    return (
        f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    )


def _serial(day: date) -> int:
    """1 is 1 January 1900, and 1900 had a 29th of February there (18.17.4.1)."""
    return (day - date(1899, 12, 31)).days + (day >= date(1900, 3, 1))


@cache
def _letter(place: int) -> str:
    return str(get_column_letter(place))


def around(title: str) -> dict[str, str]:
    """The other files of a workbook with one sheet, by their names."""
    part = f"<Override PartName={{}} ContentType={quoteattr(_TYPE + '.{}+xml')}/>"
    return {
        "[Content_Types].xml": (
            f"{_XML}<Types xmlns="
            '"http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            + part.format('"/xl/workbook.xml"', "sheet.main")
            + part.format(f'"/{PATH}"', "worksheet")
            + part.format('"/xl/styles.xml"', "styles")
            + "</Types>"
        ),
        "_rels/.rels": _links(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": (
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_KIND}"><sheets>'
            f'<sheet name={quoteattr(title[:31])} sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": _links(
            ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")
        ),
        "xl/styles.xml": _STYLES,
    }


def _links(*targets: tuple[str, str]) -> str:
    said = (
        f'<Relationship Id="rId{number}" Type="{_KIND}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_LINKS}">{"".join(said)}</Relationships>'


_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
