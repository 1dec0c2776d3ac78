"""What leaves as a file: formula-safe, filtered as the list is, and the same when it comes back."""

import csv
import io

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from loyalty import customers, exports
from loyalty.customers import Details
from loyalty.exports.cells import safe
from loyalty.imports import values
from loyalty.models import Card, Customer
from tests.cast import BY_STAFF, balances
from tests.loyalty.files import imported


def content(answer) -> bytes:
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    return bytes(answer.getvalue())


def table(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(answer).decode("utf-8-sig"))))


@given(st.text(max_size=30).filter(lambda text: text == text.strip()))
def test_what_is_made_safe_comes_back_as_it_was(text):
    assert values.text(safe(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+41", "-1+1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(text):
    assert safe(text) == f"'{text}"


def test_customers_cards_and_operations_leave(admin_client, alice, bob):
    url = "/admin/loyalty/customer/export/"

    people = table(admin_client.get(f"{url}customers.csv"))
    cards = table(admin_client.get(f"{url}cards.csv"))
    operations = table(admin_client.get(f"{url}operations.csv"))

    assert [each["First name"] for each in people] == ["Alice", "Bob"]
    assert people[0]["Phone"] == "'+41446681800"
    assert (people[0]["Email consent"], people[1]["Email consent"]) == ("yes", "")
    assert {each["Program"]: (each["Stamps"], each["Points"]) for each in cards} == {
        "coffee": ("0", ""),
        "aurora": ("", "100"),
    }
    assert [(each["Unit"], each["Amount"]) for each in operations] == [("points", "100")]
    assert LogEntry.objects.filter(object_repr="Export").count() == 3


def test_a_spreadsheet_leaves_too(admin_client, alice, now):
    customers.join(
        Details(email="m@example.com", first_name='=HYPERLINK("x")'), cause=BY_STAFF, now=now
    )

    answer = admin_client.get("/admin/loyalty/customer/export/customers.xlsx")

    sheet = load_workbook(io.BytesIO(content(answer))).worksheets[0]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[1][:4] == ["alice@example.com", "+41446681800", None, "Alice"]
    assert cells[2][3] == '=HYPERLINK("x")'
    assert sheet.cell(3, 4).data_type == "s"


def test_a_file_has_whom_the_list_shows(admin_client, alice, bob):
    found = table(admin_client.get("/admin/loyalty/customer/export/customers.csv?q=bob"))

    assert [each["First name"] for each in found] == ["Bob"]
    assert "1 customer," in admin_client.get("/admin/loyalty/customer/export/?q=bob").text


def test_too_much_for_a_spreadsheet_is_said(admin_client, alice, bob, monkeypatch):
    monkeypatch.setattr(exports.writing, "MOST_IN_A_SHEET", 1)

    answer = admin_client.get("/admin/loyalty/customer/export/customers.xlsx", follow=True)

    assert "take CSV" in answer.text


def test_what_left_comes_back_the_same(admin_client, alice, now, coffee, aurora):
    file = content(admin_client.get("/admin/loyalty/customer/export/cards.csv"))
    people = content(admin_client.get("/admin/loyalty/customer/export/customers.csv"))
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


def test_taking_files_needs_a_right_of_its_own(client, db, alice, hashed_password):
    reader = User.objects.create(username="reader", is_staff=True, password=hashed_password)
    reader.user_permissions.add(Permission.objects.get(codename="view_customer"))
    client.force_login(reader)

    assert client.get("/admin/loyalty/customer/").status_code == 200
    assert client.get("/admin/loyalty/customer/export/").status_code == 403
    assert client.get("/admin/loyalty/customer/export/cards.csv").status_code == 403
    assert not LogEntry.objects.exists()
