"""POST imports/: accepted is durable, repeated it is the same import, and it says how far it is."""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from loyalty import imports
from loyalty.models import Card, Customer, Import
from tests.api.caller import Caller, said
from tests.cast import balances

CSV = "Email,Points,Kundin\nmia@example.com,50,Mia\nnobody,1,No\n"


def sent(caller: Caller, key: str = "", **fields: object):
    body = encode_multipart(BOUNDARY, fields)
    more = {"Content_Type": MULTIPART_CONTENT}
    return caller.send("POST", "imports/", body, key=key or uuid.uuid4().hex, **more)


def file(text: str = CSV) -> SimpleUploadedFile:
    return SimpleUploadedFile("people.csv", text.encode())


def worked(now) -> None:
    while due := imports.due(now):
        for pk in due:
            imports.work(pk, now=now)


def test_a_file_is_accepted_done_and_told_of(office, aurora, now):
    answer = sent(office, file=file(), program="aurora", columns='{"Kundin": "first_name"}')

    assert answer.status_code == 202, answer.json()
    assert answer.json()["state"] == "uploaded"
    worked(now)
    path = f"imports/{answer.json()['id']}/"
    told = office.get(path).json()
    assert (told["state"], told["new"], told["errors"], told["done"]) == ("finished", 1, 1, 2)
    assert told["columns"] == {"Email": "email", "Points": "points", "Kundin": "first_name"}
    assert [each["line"] for each in office.get(f"{path}report/").json()["results"]] == [3]
    assert office.get(f"{path}report/?after=3").json() == {"results": []}
    assert Customer.objects.get().first_name == "Mia"
    assert balances(Card.objects.get()) == {"points": 50}


def test_text_may_come_as_json(office, aurora, now):
    answer = office.once("imports/", {"csv": CSV, "program": "aurora", "check": True})

    worked(now)
    told = office.get(f"imports/{answer.json()['id']}/").json()
    assert (told["state"], told["new"]) == ("checked", 1)
    assert not Customer.objects.exists()


def test_the_same_key_is_the_same_import(office, aurora):
    first = sent(office, key="k1", file=file())
    again = sent(office, key="k1", file=file())
    other = sent(office, key="k1", file=file(CSV + "x"))

    assert (again.status_code, again.json()) == (202, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert said(other) == (409, "key_reuse")
    assert Import.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({}, (400, "invalid")),
        ({"file": SimpleUploadedFile("a.csv", b"")}, (400, "invalid")),
        ({"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")}, (400, "invalid")),
        ({"file": file(), "program": "tea"}, (400, "invalid")),
        ({"file": file(), "existing": "kill"}, (400, "invalid")),
        ({"file": file(), "columns": "[]"}, (400, "invalid")),
        ({"file": file(), "columns": '{"Email": "shoe"}'}, (400, "invalid")),
        ({"file": file(), "columns": "{"}, (400, "invalid")),
        ({"file": file(), "shoe": "1"}, (400, "unknown_field")),
        ({"file": file(), "trigger": "card_issued"}, (400, "reserved_name")),
    ],
)
def test_what_cannot_be_used_is_refused_at_once(fields, refusal, office):
    assert said(sent(office, **fields)) == refusal
    assert not Import.objects.exists()


def test_it_needs_a_key_and_the_scope(office, till):
    assert said(office.post("imports/", {"csv": CSV})) == (400, "key_required")
    assert said(till.once("imports/", {"csv": CSV})) == (403, "forbidden")
    assert said(till.get("imports/1/")) == (403, "forbidden")
    assert said(office.get("imports/1/report/")) == (404, "not_found")


def test_a_body_that_is_no_form_is_refused(office):
    answer = office.send(
        "POST", "imports/", b"nothing", key="k", Content_Type="multipart/form-data; boundary=x"
    )

    assert answer.status_code == 400
    assert json.loads(answer.content)["code"] == "invalid"


def test_a_file_that_names_nobody_fails_with_a_reason(office, now):
    answer = office.once("imports/", {"csv": "a,b\n1,2\n"})

    worked(now)
    told = office.get(f"imports/{answer.json()['id']}/").json()
    assert told["state"] == "failed"
    assert "which column" in told["note"]
