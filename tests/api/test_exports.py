"""POST exports/: accepted is durable, repeated it is the same, and its file comes whole."""

import csv
import io

from loyalty import clock, exports, segments
from loyalty.models import Export
from tests.api.caller import said


def written() -> None:
    while due := exports.due(clock.now()):
        for pk in due:
            exports.work(pk)


def test_an_export_is_accepted_written_and_taken(office, alice, bob):
    answer = office.once("exports/", {"table": "customers"})

    assert answer.status_code == 202, answer.json()
    assert (answer.json()["state"], answer.json()["customers"]) == ("running", 2)
    path = f"exports/{answer.json()['id']}/"
    assert said(office.get(f"{path}file/")) == (404, "not_found")
    written()
    told = office.get(path).json()
    assert (told["state"], told["done"], told["lines"]) == ("finished", 2, 2)
    assert (answer.json()["percent"], told["percent"]) == (0, 100)
    assert told["expires_at"]
    file = office.get(f"{path}file/")
    content = file.getvalue()
    assert len(content) == int(file["Content-Length"])
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert [row["First name"] for row in rows] == ["Alice", "Bob"]


def test_the_same_key_is_the_same_export(office, alice):
    first = office.post("exports/", {"table": "cards"}, key="k1")
    again = office.post("exports/", {"table": "cards"}, key="k1")

    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert said(office.post("exports/", {"table": "operations"}, key="k1"))[1] == "key_reuse"
    assert Export.objects.count() == 1


def test_a_segment_or_a_tag_says_who(office, alice, bob, now):
    segments.make("alices", "Alices", ["customer.first_name", "=", "Alice"], now=now)

    of_segment = office.once("exports/", {"table": "customers", "segment": "alices"}).json()
    of_tag = office.once("exports/", {"table": "customers", "tag": "none"}).json()

    assert (of_segment["customers"], of_tag["customers"]) == (1, 0)
    assert said(office.once("exports/", {"table": "customers", "segment": "x"})) == (400, "invalid")
    assert said(office.once("exports/", {"table": "secrets"})) == (400, "invalid")
    assert said(office.once("exports/", {"table": "cards", "format": "pdf"})) == (400, "invalid")


def test_a_file_is_deleted_as_often_as_one_likes(office, alice):
    path = f"exports/{office.once('exports/', {'table': 'customers'}).json()['id']}/"
    written()

    assert [office.delete(path).status_code for _time in range(2)] == [204, 204]

    assert office.get(path).json()["state"] == "deleted"
    assert said(office.get(f"{path}file/")) == (404, "not_found")
