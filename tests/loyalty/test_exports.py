"""What leaves as a file: formula-safe, filtered as the list is, and the same when it comes back."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from loyalty import cards, clock, customers, exports
from loyalty.customers import Details
from loyalty.exports import sheet
from loyalty.exports.cells import safe
from loyalty.imports import values
from loyalty.models import Card, Customer, Export, ExportPart
from tests.cast import BY_STAFF, balances
from tests.loyalty import programs
from tests.loyalty.files import imported
from tests.loyalty.leaving import asked, rows_of, sheet_of, written
from tests.loyalty.postings import accrue, redeem
from tests.loyalty.postings import reverse as take_back

ASK = "/admin/loyalty/customer/export/"


def content(answer) -> bytes:
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    found = bytes(answer.getvalue())
    assert len(found) == int(answer["Content-Length"])
    return found


def taken(client, file: str, query: str = "") -> bytes:
    """A small one comes at once."""
    return content(client.post(f"{ASK}{query}", {"file": file}, follow=True))


# --- Cells ----------------------------------------------------------------------------------------


@given(st.text(max_size=30).filter(lambda text: text == text.strip()))
def test_what_is_made_safe_comes_back_as_it_was(text):
    assert values.text(safe(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+41", "-1+1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(text):
    assert safe(text) == f"'{text}"


# --- What is in a file ----------------------------------------------------------------------------


def test_customers_cards_and_operations_leave(admin_client, alice, bob):
    people = rows_of(taken(admin_client, "customers.csv"))
    held = rows_of(taken(admin_client, "cards.csv"))
    operations = rows_of(taken(admin_client, "operations.csv"))

    assert [each["First name"] for each in people] == ["Alice", "Bob"]
    assert people[0]["Phone"] == "'+41446681800"
    assert (people[0]["Email consent"], people[1]["Email consent"]) == ("yes", "")
    assert {each["Program"]: (each["Stamps"], each["Points"]) for each in held} == {
        "coffee": ("0", ""),
        "aurora": ("", "100"),
    }
    assert [(each["Unit"], each["Amount"]) for each in operations] == [("points", "100")]
    assert LogEntry.objects.filter(object_repr="Export").count() == 3


def test_money_leaves_in_major_units_whatever_the_file(admin_client, alice, now):
    gift = programs.make("gift")
    card, _new = cards.issue(gift, alice, cause=BY_STAFF, now=now, opening=250)
    given = accrue(card, 1_000, "given", now)
    redeem(card, 1_250, "taken", now)
    take_back(given.id, "back", now)

    operations = rows_of(taken(admin_client, "operations.csv"))
    held = {each["Program"]: each for each in rows_of(taken(admin_client, "cards.csv"))}

    of_money = [each for each in operations if each["Unit"] == "money"]
    assert [each["Amount"] for each in of_money][:3] == ["2.50", "10.00", "-12.50"]
    assert held["gift"]["Owes"] == "10.00"


def test_a_name_that_xml_has_no_letters_for_spoils_no_spreadsheet(admin_client, alice, now):
    customers.change(alice, {"first_name": "A\ufffe\uffffl"}, cause=BY_STAFF, now=now)

    sheet = sheet_of(taken(admin_client, "customers.xlsx"))

    assert sheet["D2"].value == "Al"


@pytest.mark.parametrize("name", ["<r>&</r>", "<r>", "_x0041_", "'=1+1", " a "])
def test_a_text_is_itself_in_a_spreadsheet(name, tmp_path):
    file = tmp_path / "file.xlsx"

    sheet.write(file, "Names", ["Name"], sheet.lines(sheet.line([name])))

    cell = sheet_of(file.read_bytes())["A2"]
    assert (cell.value.replace("_x005F_", "_"), cell.data_type) == (name, "s")


def test_a_day_before_excels_first_is_text(tmp_path):
    file = tmp_path / "file.xlsx"

    sheet.write(file, "A/B", ["Day"], sheet.lines(sheet.line([date(1899, 5, 1), Decimal("1.50")])))

    page = sheet_of(file.read_bytes())
    assert [cell.value for cell in page[2]] == ["1899-05-01", 1.5]
    assert (page.title, page.freeze_panes, page["A1"].font.bold) == ("A B", "A2", True)


def test_a_spreadsheet_has_texts_numbers_and_days(admin_client, alice, now):
    customers.join(
        Details(email="m@example.com", first_name='=HYPERLINK("x")', birthday=date(1990, 2, 28)),
        cause=BY_STAFF,
        now=now,
    )

    people = sheet_of(taken(admin_client, "customers.xlsx"))
    held = sheet_of(taken(admin_client, "cards.xlsx"))

    cells = [[cell.value for cell in row] for row in people.iter_rows()]
    assert cells[0][:3] == ["Email", "Phone", "External id"]
    assert cells[1][:4] == ["alice@example.com", "+41446681800", None, "Alice"]
    assert cells[2][3] == '=HYPERLINK("x")'
    assert people.cell(3, 4).data_type == "s"
    assert cells[2][5].date() == date(1990, 2, 28)
    points = [cell.value for cell in held[1]].index("Points") + 1
    assert {row[points - 1].value for row in held.iter_rows(min_row=2)} == {None, 100}


def test_a_card_says_its_last_day_as_the_shop_has_it(admin_client, alice, now):
    card = Card.objects.get(program__slug="coffee")
    over = datetime(2027, 1, 1, 5, tzinfo=UTC)  # midnight in New York
    cards.change_expiry(card, over, now=now)

    held = rows_of(taken(admin_client, "cards.csv"))

    assert [each["Expires"] for each in held if each["Card number"] == card.number] == [
        "2026-12-31"
    ]


def test_a_file_has_whom_the_list_shows(admin_client, alice, bob):
    found = rows_of(taken(admin_client, "customers.csv", "?q=bob"))

    assert [each["First name"] for each in found] == ["Bob"]
    assert "1 customer," in admin_client.get(f"{ASK}?q=bob").text


def test_a_file_about_nobody_has_a_header(admin_client, db):
    assert rows_of(taken(admin_client, "customers.csv")) == []
    assert sheet_of(taken(admin_client, "customers.xlsx")).max_row == 1


def test_too_much_for_a_spreadsheet_is_said(admin_client, alice, bob, monkeypatch):
    few = replace(exports.FORMATS["xlsx"], most_lines=1)
    monkeypatch.setitem(exports.FORMATS, "xlsx", few)

    answer = admin_client.post(ASK, {"file": "customers.xlsx"}, follow=True)

    assert "take CSV" in answer.text
    assert not ExportPart.objects.exists()


def test_what_left_comes_back_the_same(admin_client, alice, now, coffee, aurora):
    file = taken(admin_client, "cards.csv")
    people = taken(admin_client, "customers.csv")
    held = {card.program.slug: balances(card) for card in Card.objects.select_related("program")}
    before = Customer.objects.values("email", "phone", "first_name", "last_name", "language").get()
    customers.erase(alice, cause=BY_STAFF, now=now)

    imported(people, now, proof="as exported")
    done = imported(file.replace(b"Card number", b"Old number"), now)

    back = Customer.objects.present()
    assert back.values("email", "phone", "first_name", "last_name", "language").get() == before
    assert {
        card.program.slug: balances(card)
        for card in Card.objects.active().select_related("program")
    } == held
    assert done.refused == 0


# --- Who may --------------------------------------------------------------------------------------


def test_taking_files_needs_a_right_of_its_own(client, db, alice, now, hashed_password):
    source = written(asked(now), now)
    reader = User.objects.create(username="reader", is_staff=True, password=hashed_password)
    reader.user_permissions.add(Permission.objects.get(codename="view_customer"))
    reader.user_permissions.add(Permission.objects.get(codename="view_export"))
    client.force_login(reader)

    assert client.get("/admin/loyalty/customer/").status_code == 200
    assert client.get(ASK).status_code == 403
    assert client.post(ASK, {"file": "cards.csv"}).status_code == 403
    assert client.get("/admin/loyalty/export/").status_code == 403
    for page in ("change", "file", "progress"):
        url = reverse(f"admin:loyalty_export_{page}", args=[source.pk])
        assert client.get(url).status_code == 403
    assert client.post(reverse("admin:loyalty_export_cancel", args=[source.pk])).status_code == 403
    assert not LogEntry.objects.exists()
    assert Export.objects.count() == 1


def test_the_list_says_what_there_is(admin_client, alice):
    now = clock.now()
    assert "stand here for some days" in admin_client.get("/admin/loyalty/export/").text
    source = written(asked(now), now)

    listed = admin_client.get("/admin/loyalty/export/").text
    page = admin_client.get(reverse("admin:loyalty_export_change", args=[source.pk])).text

    assert "customers.csv" in listed
    assert "Download" in page
