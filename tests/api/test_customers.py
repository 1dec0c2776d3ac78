"""Customers over the API."""

from datetime import date

import pytest

from loyalty.models import Customer, Event
from tests.api.caller import said

WHOLE = {
    "email": "Eve@Example.com",
    "phone": "+41 44 668 18 01",
    "first_name": "Eve",
    "last_name": "Élodie",
    "birthday": "1990-02-28",
    "language": "de-CH",
    "time_zone": "Europe/Zurich",
    "external_id": "crm-7",
    "tags": ["vip", "early"],
    "attributes": {"shoe_size": 39, "likes": ["tea"]},
    "consent": {"email": True},
}
UNFIT: dict[str, list[object]] = {
    "email": ["no address", "a@b", 5, ["a@example.com"], "x" * 250 + "@example.com"],
    "phone": ["044 668 18 01", "phone", 41446681801, "+1"],
    "first_name": ["x" * 121, 5, True, ["Eve"], {}],
    "last_name": ["x" * 121, 5],
    "birthday": ["yesterday", "2001-02-29", 19900228, "1990-02-28T00:00:00Z", "0001-01-01"],
    "language": ["german!", "x" * 13, 5],
    "time_zone": ["Mars/Olympus", 5],
    "external_id": ["x" * 121, 5],
    "tags": ["vip", [5], [""], ["x" * 61], ["t"] * 201, {"vip": True}],
    "attributes": [[], "x", {"x": "y" * 17_000}, None],
    "consent": [True, {"email": "yes"}, {"email": 1}, {"pigeon": True}, {"email": None}],
}


def test_a_new_customer_is_made_with_everything_that_was_said(office, business):
    answer = office.post("customers/", WHOLE)

    eve = Customer.objects.get()
    assert answer.status_code == 201
    assert answer.json() == WHOLE | {
        "id": eve.pk,
        "email": "eve@example.com",
        "phone": "+41446681801",
        "created_at": answer.json()["created_at"],
        "cards": [],
        "tier": None,
        "next_tier": None,
    }
    assert eve.birthday == date(1990, 2, 28)


def test_who_says_nothing_has_said_no(office, business):
    office.post("customers/", {"email": "eve@example.com"})

    assert not Customer.objects.get().consents_to("email")


@pytest.mark.parametrize("body", [{"email": "ALICE@example.com"}, {"phone": "+41446681800"}])
def test_a_match_is_returned_unchanged(office, alice, body):
    answer = office.post("customers/", body | {"first_name": "Mallory"})

    assert answer.status_code == 200
    assert answer.json()["first_name"] == "Alice"
    assert [card["program"] for card in answer.json()["cards"]] == ["coffee", "aurora"]
    assert Customer.objects.count() == 1


def test_details_of_two_people_are_a_conflict(office, alice, bob):
    answer = office.post("customers/", {"email": alice.email, "external_id": "bob"})

    assert said(answer) == (409, "customer_conflict")
    assert Customer.objects.count() == 2


@pytest.mark.parametrize("name", UNFIT)
def test_what_does_not_fit_is_refused_by_name(office, business, name):
    for value in UNFIT[name]:
        answer = office.post("customers/", {"external_id": "someone", name: value})
        assert said(answer) == (400, "invalid"), value
        assert [field.split(".")[0] for field in answer.json()["fields"]] == [name], value

    assert not Customer.objects.exists()


@pytest.mark.parametrize("name", UNFIT)
def test_what_does_not_fit_changes_nothing(office, bob, name):
    for value in UNFIT[name]:
        answer = office.patch(f"customers/{bob.pk}/", {name: value})
        assert said(answer) == (400, "invalid"), value

    after = Customer.objects.get()
    assert all(getattr(after, f.name) == getattr(bob, f.name) for f in Customer._meta.fields)


@pytest.mark.parametrize(
    "name", ["id", "pk", "created_at", "erased_at", "consents", "points", "cards", "is_staff", ""]
)
def test_a_field_that_is_not_offered_is_refused(office, bob, name):
    made = office.post("customers/", {"first_name": "Eve", name: 1})
    changed = office.patch(f"customers/{bob.pk}/", {name: 1})

    assert said(made) == said(changed) == (400, "unknown_field")
    assert Customer.objects.count() == 1


def test_somebody_is_somebody(office, business):
    assert said(office.post("customers/", {})) == (400, "invalid")
    assert not Customer.objects.exists()


# --- Read, change, forget -------------------------------------------------------------------------


def test_a_customer_is_shown(office, alice):
    shown = office.get(f"customers/{alice.pk}/").json()

    assert shown["email"] == "alice@example.com"
    assert shown["consent"] == {"email": True}
    assert shown["cards"] == [
        {"program": card.program.slug, "serial": card.serial} for card in alice.cards.order_by("pk")
    ]


def test_only_what_is_said_is_changed(office, alice):
    body = {"first_name": "Alicia", "tags": ["vip"], "consent": {"sms": True}, "phone": None}

    answer = office.patch(f"customers/{alice.pk}/", body).json()

    assert answer["first_name"] == "Alicia"
    assert answer["last_name"] == "Arnold"
    assert answer["phone"] == ""
    assert answer["consent"] == {"email": True, "sms": True}
    names = set(Event.objects.values_list("name", flat=True))
    assert {"customer_updated", "tag_added", "consent_changed"} <= names


def test_another_customers_email_cannot_be_taken(office, alice, bob):
    answer = office.patch(f"customers/{bob.pk}/", {"email": alice.email})

    assert said(answer) == (409, "customer_conflict")


def test_a_forgotten_customer_is_not_there(office, alice):
    path = f"customers/{alice.pk}/"

    assert office.delete(path).status_code == 204

    for answer in (office.get(path), office.patch(path, {"first_name": "x"}), office.delete(path)):
        assert said(answer) == (404, "not_found")
    assert office.get("customers/").json()["results"] == []


@pytest.mark.parametrize("customer_id", [0, 999_999, 2**31, 2**63, 10**40])
def test_an_unknown_id_is_not_found(office, business, customer_id):
    assert said(office.get(f"customers/{customer_id}/")) == (404, "not_found")


# --- List -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "email=Alice@EXAMPLE.com",
        "phone=%2B41446681800",
        "phone=+41446681800",
        "phone=%2B41%2044%20668%2018%2000",
        "email=alice@example.com&phone=%2B41446681800",
    ],
)
def test_a_customer_is_found_by_what_they_are_known_under(office, alice, bob, question):
    found = office.get(f"customers/?{question}").json()

    assert [customer["id"] for customer in found["results"]] == [alice.pk]


@pytest.mark.parametrize("question", ["email=x@example.com", "external_id=alice", "email=a%40b.ch"])
def test_nobody_is_found_who_is_not_there(office, alice, question):
    assert office.get(f"customers/?{question}").json()["results"] == []


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("emial=x", "unknown_field"),
        ("email=", "invalid"),
        ("phone=12", "invalid"),
        ("email=a@example.com&email=b@example.com", "invalid"),
        ("email__startswith=a", "unknown_field"),
        ("external_id=%00", "invalid"),
        ("limit=0", "invalid"),
        ("limit=201", "invalid"),
        ("limit=ten", "invalid"),
        ("limit=%D9%A1", "invalid"),
        ("cursor=x", "invalid"),
        ("cursor=bjk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "invalid"),
        ("cursor=%FF%FE", "invalid"),
        ("offset=10", "unknown_field"),
    ],
)
def test_a_question_nobody_understands_is_refused(office, alice, question, code):
    assert said(office.get(f"customers/?{question}")) == (400, code)


# --- Merge ----------------------------------------------------------------------------------------


def test_a_customer_is_merged_into_another(office, dora, carol, coffee_card):
    answer = office.post(f"customers/{dora.pk}/merge/", {"into": carol.pk})
    again = office.post(f"customers/{dora.pk}/merge/", {"into": carol.pk})

    assert (answer.status_code, again.status_code) == (200, 200)
    assert answer.json()["id"] == again.json()["id"] == carol.pk
    assert answer.json()["cards"] == [{"program": "coffee", "serial": coffee_card.serial}]
    assert office.get(f"customers/{dora.pk}/").json()["id"] == carol.pk


def test_the_old_id_forgets_nobody(office, dora, carol):
    office.post(f"customers/{dora.pk}/merge/", {"into": carol.pk})

    assert said(office.delete(f"customers/{dora.pk}/")) == (404, "not_found")

    assert office.get(f"customers/{carol.pk}/").json()["email"] == "carol@example.com"
    assert office.delete(f"customers/{carol.pk}/").status_code == 204


@pytest.mark.parametrize("number", [10**6, 2**63, 0])
def test_nobody_is_merged_with_nobody(office, dora, number):
    assert said(office.post(f"customers/{number}/merge/", {"into": dora.pk}))[0] == 404
    assert said(office.post(f"customers/{dora.pk}/merge/", {"into": number}))[0] in (400, 404)
    assert said(office.post(f"customers/{dora.pk}/merge/", {"into": dora.pk})) == (
        400,
        "illegal_operation",
    )
