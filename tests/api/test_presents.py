"""Presents by the API."""

import pytest

from loyalty.models import Card, Present
from tests.loyalty import programs

pytestmark = pytest.mark.django_db

BODY = {
    "program": "gift",
    "amount": 5_000,
    "to": {"email": "grace@example.com", "first_name": "Grace"},
    "giver": "Ada",
    "message": "Happy Christmas!",
}


@pytest.fixture(autouse=True)
def gift(business):
    return programs.make("gift")


def test_a_present_waits_for_its_day_and_may_be_cancelled_till_then(office):
    later = BODY | {"deliver_at": "2026-12-24T17:00:00Z"}
    answer = office.post("presents/", later, key="k1")

    assert answer.status_code == 201
    made = answer.json()
    assert (made["state"], made["serial"]) == ("waiting", None)
    assert office.get(f"presents/{made['id']}/").json() == made
    assert [office.delete(f"presents/{made['id']}/").status_code for _twice in range(2)] == [
        204
    ] * 2
    assert office.get(f"presents/{made['id']}/").json()["state"] == "cancelled"


def test_a_present_for_now_is_a_card_at_once(office):
    made = office.once("presents/", BODY).json()

    assert made["state"] == "delivered"
    assert office.get(f"cards/{made['serial']}/").json()["balances"] == {"money": 5_000}
    assert office.delete(f"presents/{made['id']}/").status_code == 403


def test_the_same_key_prepares_one_present(office):
    first = office.post("presents/", BODY, key="k1")
    again = office.post("presents/", BODY, key="k1")
    other = office.post("presents/", BODY | {"amount": 1}, key="k1")

    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "key_reuse")
    assert Card.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"to": {"email": "grace"}}, "to_email"),
        ({"program": "nothing"}, "program"),
        ({"surprise": True}, "surprise"),
    ],
)
def test_what_is_no_present_is_refused_by_field(office, change, field):
    answer = office.once("presents/", BODY | change)

    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert not Present.objects.exists()


def test_a_key_is_required_and_an_unknown_present_is_not_found(office):
    assert office.post("presents/", BODY).json()["code"] == "key_required"
    assert office.get("presents/4711/").status_code == 404
