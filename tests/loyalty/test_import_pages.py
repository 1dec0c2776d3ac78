"""Staff's way through an import: send a file, say what it means, check, do."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from loyalty import imports
from loyalty.models import Card, Customer, Import
from tests.loyalty.files import csv_of, sent, worked

PEOPLE = csv_of(["Email", "Kundin", "Stamps"], ["mia@example.com", "Mia", 4], ["nobody", "No", 1])
SETTINGS = {
    "existing": "fill",
    "balances": "new",
    "region": "US",
    "dates": "dmy",
    "decimal": ".",
    "proof": "",
    "trigger": "",
}


@pytest.fixture
def pages(admin_client):
    def ask(name, *args, **data):
        url = reverse(f"admin:loyalty_import_{name}", args=args)
        return admin_client.post(url, data, follow=True) if data else admin_client.get(url)

    return ask


def test_from_the_file_to_the_customers(pages, coffee):
    first = pages("upload", file=SimpleUploadedFile("people.csv", PEOPLE))
    source = Import.objects.get()
    assert source.state == "read"
    assert "What the columns mean" in first.text
    assert "mia@example.com" in first.text

    meant = {"column_0": "email", "column_1": "first_name", "column_2": "stamps"}
    checked = pages("change", source.pk, program=coffee.pk, **SETTINGS, **meant)
    assert "This is not an email address." in checked.text
    assert "Import now" in checked.text
    assert not Customer.objects.exists()

    done = pages("do", source.pk, verb="start")
    assert "What happened" in done.text
    assert Customer.objects.get().first_name == "Mia"
    assert Card.objects.count() == 1


def test_a_report_names_lines_and_reasons(pages, coffee, now):
    source = worked(imports.check(sent(PEOPLE, now, program=coffee), now=now), now)

    report = pages("report", source.pk).getvalue().decode("utf-8-sig")

    assert report == "Line,Problem\r\n3,Email: This is not an email address.\r\n"


def test_what_is_missing_is_said_beside_it(pages, db, now):
    source = sent(csv_of(["email", "newsletter"], ["a@example.com", "yes"]), now)

    answer = pages("change", source.pk, **SETTINGS, column_0="email", column_1="consent.email")

    assert "Say where and when they said yes" in answer.text
    source.refresh_from_db()
    assert source.state == "read"


def test_nobody_is_found_by_a_name_alone(pages, db, now):
    source = sent(csv_of(["email", "b"], ["a@example.com", "b"]), now)

    answer = pages("change", source.pk, **SETTINGS, column_0="first_name", column_1="")

    assert "Say which column holds the email" in answer.text


def test_what_is_no_table_is_refused_on_the_page(pages, db):
    answer = pages("upload", file=SimpleUploadedFile("a.pdf", b"%PDF-1.7"))

    assert "no CSV and no XLSX" in answer.text
    assert not Import.objects.exists()


def test_progress_is_shown_until_nothing_moves(pages, coffee, now):
    source = sent(PEOPLE, now)
    imports.start(source, now=now)

    moving = pages("progress", source.pk)
    assert "<progress" in moving.text
    assert "HX-Refresh" not in moving
    worked(source, now)

    assert pages("progress", source.pk)["HX-Refresh"] == "true"


def test_it_can_be_paused_and_cancelled(pages, db, now):
    source = imports.start(sent(PEOPLE, now), now=now)

    assert "Go on" in pages("do", source.pk, verb="pause").text
    pages("do", source.pk, verb="cancel")
    source.refresh_from_db()
    assert source.state == "cancelled"
    assert pages("do", source.pk, verb="explode").status_code == 404


@pytest.mark.parametrize("kind", ["customers", "cards"])
def test_a_sample_is_understood_at_once(kind, pages, db, now):
    content = pages("sample", kind).getvalue()

    source = sent(content, now)

    assert "" not in source.layout["columns"]


def test_looking_is_not_importing(client, db, now, hashed_password):
    source = sent(PEOPLE, now)
    reader = User.objects.create(username="reader", is_staff=True, password=hashed_password)
    reader.user_permissions.add(Permission.objects.get(codename="view_import"))
    client.force_login(reader)

    def status(name, *args, **data):
        url = reverse(f"admin:loyalty_import_{name}", args=args)
        return (client.post(url, data) if data else client.get(url)).status_code

    assert status("change", source.pk) == 200
    assert status("upload") == 403
    assert status("do", source.pk, verb="start") == 403
    assert status("change", source.pk, **SETTINGS, column_0="email") == 403
    source.refresh_from_db()
    assert source.state == "read"
