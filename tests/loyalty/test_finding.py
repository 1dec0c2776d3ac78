"""Customers and cards are found by an index, whatever is said of them."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from loyalty import cards, customers, finding
from loyalty.customers import Details
from loyalty.models import Card, Customer
from tests.cast import BY_STAFF, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoe(coffee, now) -> Customer:
    zoe = person(
        now, first_name="Zoë Anne", last_name="van der Straße", phone="+41446681811",
        email="zoe@example.com", external_id="4711-a",
    )  # fmt: skip
    cards.issue(coffee, zoe, cause=BY_STAFF, now=now)
    return zoe


def people(text: str) -> QuerySet[Customer]:
    return finding.customers(text, Customer.objects.present())


def held(text: str) -> QuerySet[Card]:
    return finding.held_by(text, Card.objects.all())


SAID = [
    *("zoe", "ZOË", "strasse", "van der str", "zoe anne", "anne", "zoe van", "  Zoë   van  "),
    *("Zoë Anne van der Straße", "ZOË ANNE VAN", "van der Straße, Zoë Anne", "Van der Zoe"),
    *("zoe@", "zoe@example.com", "4711-a", "044 668 18 11", "1811", "+41 (0)44 6681811"),
]


@pytest.mark.parametrize("text", [each for each in SAID if each not in ("anne", "strasse")])
def test_staff_find_them(zoe, alice, text):
    assert list(people(text)) == [zoe]
    assert [card.customer for card in held(text)] == [zoe]


@pytest.mark.parametrize(
    "text", ["oe", "anne", "straße", "8181", "4711", "example.com", "%", "\x00"]
)
def test_the_middle_of_something_finds_nobody(zoe, text):
    assert list(people(text)) == []


@pytest.mark.parametrize("text", ["zoe anne straße", "anne zoe van der", "zoe anne van der x"])
def test_every_word_that_is_said_counts(zoe, text):
    assert list(people(text)) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Yıldız", "yildiz"),
        ("Yıldız", "YILDIZ"),
        ("İpek", "ipek"),
        ("Łukasz", "lukasz"),
        ("Søren", "SOREN"),
        ("Đặng", "dang"),
        ("Sœur", "soeur"),
        ("Yildiz", "Yıldız"),
    ],
)
def test_a_name_is_found_on_a_keyboard_without_its_letters(now, name, text):
    someone = person(now, first_name="A", last_name=name)

    assert list(people(text)) == [someone]


@pytest.mark.parametrize("words", [1, 100])
def test_a_name_that_its_key_cannot_hold_is_found(now, words):
    long = " ".join(["ß" * (110 // words)] * words)
    someone = person(now, first_name=long[:110], last_name="Long")

    assert list(people(someone.first_name)) == list(people(f"{long} Long")) == [someone]


def test_a_card_is_found_by_what_is_on_it(zoe):
    card = zoe.cards.get()

    assert list(held(card.number)) == list(held(card.serial)) == [card]


def test_who_changes_is_found_by_what_is_new(zoe, now):
    said = {"last_name": "Meier", "phone": "+41446689999"}
    customers.change(zoe, said, cause=BY_STAFF, now=now)

    assert [list(people(text)) for text in ("meier", "9999")] == [[zoe]] * 2
    assert [list(people(text)) for text in ("van der", "1811")] == [[]] * 2


def test_who_is_forgotten_is_not_found(zoe, now):
    customers.erase(zoe, cause=BY_STAFF, now=now)

    assert [list(people(text)) for text in SAID] == [[]] * len(SAID)


def test_imported_customers_are_found(business, now):
    crowd = customers.Crowd(
        [Details(email="b@example.com", first_name="Béla").clean()],
        existing="replace", source="", cause=BY_STAFF, now=now,
    )  # fmt: skip
    made = crowd.meet(Details(email="b@example.com", first_name="Béla").clean())
    crowd.write()
    assert list(people("bela")) == [made]


def plan(rows: Any) -> str:
    """How the database would look; without the habit of reading small tables whole."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    return str(rows.explain())


@pytest.mark.parametrize("text", SAID)
def test_nothing_is_looked_for_in_the_whole_table(zoe, text):
    for said in (plan(people(text)), plan(held(text))):
        for table in (Customer._meta.db_table, Card._meta.db_table):
            assert f"SCAN {table}" not in said, said
            assert f"Seq Scan on {table}" not in said, said


@pytest.mark.parametrize("name", ["email", "phone", "external_id"])
def test_a_whole_name_is_looked_up_in_its_index(zoe, name):
    said = plan(Customer.objects.present().known_as(**{name: getattr(zoe, name)}))

    assert "to_one_customer" in said or "search_email" in said, said
