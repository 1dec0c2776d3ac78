"""How files are read: encodings, delimiters, quotes, spreadsheets, and those that are none."""

import io
import json
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from loyalty import imports
from loyalty.imports import Unreadable
from loyalty.imports.files import LARGEST_CSV, format_of, rows_of_csv
from loyalty.imports.sheets import LARGEST_UNPACKED, rows_of_sheet
from loyalty.models import Import, ImportChunk, ImportPart
from tests.loyalty.files import csv_of, imported, sent, worked

# A spreadsheet knows no time zones.
HALF_PAST_NINE = datetime.fromisoformat("1990-02-28T09:30")
NAMES = ["email", "name"], ["zoë@example.com", "Zoë Ångström €"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_encoding_and_delimiter(encoding, delimiter):
    rows = rows_of_csv(csv_of(*NAMES, delimiter=delimiter, encoding=encoding))

    assert [row.cells for row in rows] == [list(row) for row in NAMES]


def test_lines_are_numbered_as_an_editor_shows_them():
    text = 'a;b\r\n"one\r\nline";2\r\n\r\n;\r\n3;"say ""hello"""\r\n'

    rows = list(rows_of_csv(text.encode()))

    assert [row.line for row in rows] == [1, 2, 6]
    assert rows[1].cells == ["one\r\nline", "2"]
    assert rows[2].cells == ["3", 'say "hello"']


def test_excels_first_line_may_name_the_delimiter():
    rows = rows_of_csv(b"sep=;\r\na,b;c\r\n1,5;2\r\n")

    assert [row.cells for row in rows] == [["a,b", "c"], ["1,5", "2"]]


def test_a_cell_of_ten_megabytes_is_refused():
    with pytest.raises(Unreadable, match="Line 2"):
        list(rows_of_csv(b"a,b\n" + b"x" * 10_000_000 + b",1\n"))


def test_a_quote_that_never_closes_is_refused():
    with pytest.raises(Unreadable):
        list(rows_of_csv(b'a,b\n1,"2\n' + b"3,4\n" * 100_000))


@pytest.mark.parametrize(
    "start", [b"", b"%PDF-1.7", b"\x89PNG\r\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_what_is_no_table_is_refused(start):
    with pytest.raises(Unreadable):
        format_of(start, len(start))


def test_a_file_that_is_too_large_is_refused_while_it_comes(db, now):
    def endless():
        while True:
            yield b"a," * 500_000

    with pytest.raises(Unreadable, match=f"{LARGEST_CSV // 2**20} MB"):
        sent(endless(), now)


# --- Spreadsheets ---------------------------------------------------------------------------------


def sheet(*rows) -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet()
    for row in rows:
        page.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_spreadsheet_keeps_numbers_and_dates():
    rows = rows_of_sheet(
        sheet(
            ["email", "phone", "points", "paid", "birthday", "seen"],
            ["a@example.com", 41446681800.0, 12.0, 12.34, date(1990, 2, 28), True],
            [None] * 6,
            ["b@example.com", None, None, 3.5, HALF_PAST_NINE],
        )
    )

    assert [(row.line, row.cells) for row in rows][1:] == [
        (2, ["a@example.com", 41446681800, 12, 12.34, "1990-02-28", True]),
        (4, ["b@example.com", None, None, 3.5, "1990-02-28 09:30:00"]),
    ]


def test_customers_come_in_from_a_spreadsheet(coffee, now):
    content = sheet(["E-Mail", "Geburtstag", "Stempel"], ["a@example.com", date(1990, 2, 28), 4])

    done = imported(content, now, program=coffee)

    assert (done.format, done.made, done.cards_issued, done.balances_given) == ("xlsx", 1, 1, 1)


def test_a_spreadsheet_that_would_unpack_without_end_is_refused():
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file,
    ):
        for _megabyte in range(LARGEST_UNPACKED // 2**20 + 1):
            file.write(b" " * 2**20)

    with pytest.raises(Unreadable, match="larger"):
        list(rows_of_sheet(content.getvalue()))


def test_entities_that_multiply_are_refused():
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    whole = io.BytesIO(sheet(["email"], ["x"]))
    broken = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode()
            if name.endswith("sheet1.xml"):
                content = bomb + content.replace("<v>0</v>", "<v>&b;</v>")
            new.writestr(name, content)

    with pytest.raises(Unreadable):
        list(rows_of_sheet(broken.getvalue()))


@pytest.mark.parametrize("cut", [8, 100, 2000])
def test_half_a_spreadsheet_is_refused(cut, db, now):
    source = sent(sheet(*(["a@example.com", n] for n in range(50)))[:cut], now)

    assert source.state == "failed"
    assert "cannot be opened" in source.note


# --- In the background ----------------------------------------------------------------------------


def test_reading_goes_on_where_it_stopped(db, now):
    file = csv_of(["email"], *([f"c{n}@example.com"] for n in range(10_000)))
    source, _new = imports.upload(
        "a.csv", [file], wishes=imports.Wishes(), actor="staff:1", now=now
    )

    turns = 0
    while source.state == "uploaded":
        imports.work(source.pk, now=now, budget=0)
        source.refresh_from_db()
        turns += 1

    lines = [
        line
        for content in source.file_parts.order_by("number").values_list("content", flat=True)
        for line in json.loads(content)
    ]
    assert turns > 2
    assert [line[0] for line in lines] == list(range(2, 10_002))
    assert source.lines == 10_000
    assert not ImportChunk.objects.exists()


@pytest.mark.parametrize("state", ["read", "paused", "failed"])
def test_a_file_that_nobody_comes_back_for_is_forgotten(db, now, state):
    source = sent(csv_of(["email"], ["a@example.com"]), now)
    Import.objects.update(state=state)
    later = now + imports.KEPT

    assert imports.due(later) == [source.pk]
    imports.work(source.pk, now=later)

    source.refresh_from_db()
    assert source.state == "cancelled"
    assert not ImportPart.objects.exists()
    assert imports.due(later) == []


@pytest.mark.parametrize("content", [b"email\n", b"\n\n\n", b",,,\n;;\n"])
def test_a_file_with_nothing_in_it_says_so(content, db, now):
    source = sent(content, now)

    assert source.state == "failed"
    assert source.note.startswith("There is nothing in the file")


def test_a_file_without_headers_is_somebodys_address(db, now):
    source = sent(b"Mia,mia@example.com\nNoa,noa@example.com\n", now)

    assert source.layout["columns"] == ["", "email"]
    assert worked(imports.start(source, now=now), now).made == 2


def test_the_same_headers_are_understood_as_before(db, now):
    first = sent(csv_of(["email", "who"], ["a@example.com", "Ann"]), now)
    layout = imports.Layout(("email", "first_name"), region="CH")
    imports.understand(first, layout, imports.Wishes(), now=now)
    worked(imports.start(first, now=now), now)

    again = sent(csv_of(["email", "who"], ["b@example.com", "Ben"]), now)

    assert (again.layout["columns"], again.layout["region"]) == (["email", "first_name"], "CH")
