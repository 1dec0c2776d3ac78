"""Cards that come in by a file: their numbers, their last days, what is on them."""

from datetime import UTC, datetime

import pytest

from loyalty import cards, imports, visits
from loyalty.models import Card, Customer
from loyalty.programs.cashback import CashbackProgram
from loyalty.programs.gift import GiftProgram
from tests.cast import balances
from tests.loyalty.files import csv_of, imported, laid_out, problems, sent, worked

pytestmark = pytest.mark.django_db


def test_numbers_of_cards_are_kept(coffee, now):
    file = csv_of(["email", "card number", "stamps"], ["mia@example.com", "4410 0001", 4])

    imported(file, now, program=coffee)

    assert cards.find("44100001").customer.email == "mia@example.com"


def test_a_number_belongs_to_one_card(coffee, coffee_card, now):
    file = csv_of(
        ["email", "card number"],
        ["mia@example.com", coffee_card.number],
        ["noa@example.com", "77"],
        ["ben@example.com", "77"],
    )

    done = imported(file, now, program=coffee)

    assert problems(done) == {
        2: "Another card has this number.",
        4: "A line before has this card number.",
    }


def test_several_gift_cards_of_one_customer_have_numbers(business, now):
    gift = GiftProgram.objects.create(slug="gift", name="Gift")
    file = csv_of(
        ["email", "card number", "balance"],
        ["mia@example.com", "A1", "12.50"],
        ["mia@example.com", "A2", "$1,007.05"],
        ["mia@example.com", "", "3"],
        ["noa@example.com", "A3", ""],
    )

    done = imported(file, now, program=gift)
    imported(file, now, program=gift)

    held = {card.number: balances(card)["money"] for card in Card.objects.all()}
    assert held == {"A1": 1_250, "A2": 100_705}
    assert list(problems(done)) == [4, 5]
    assert problems(done)[5] == "How much is on the card? Its cell is empty."


def test_a_line_may_name_its_program(coffee, aurora, now):
    file = csv_of(
        ["email", "program", "points", "stamps"],
        ["mia@example.com", "Aurora points", 50, ""],
        ["noa@example.com", "COFFEE", "", 2],
        ["ben@example.com", "tea", "", 2],
        ["eva@example.com", "coffee", 5, ""],
        ["ida@example.com", "", 5, ""],
    )

    done = imported(file, now)

    held = {card.customer.email: balances(card) for card in Card.objects.select_related("customer")}
    assert held == {
        "mia@example.com": {"points": 50},
        "noa@example.com": {"stamps": 2, "rewards": 0},
    }
    assert list(problems(done)) == [4, 5, 6]


def test_cashback_comes_in_as_money_with_what_was_spent(business, now):
    program = CashbackProgram.objects.create(slug="back", name="Back")
    file = csv_of(["email", "balance", "total spent"], ["mia@example.com", "5,25", "1.250,00"])
    source = laid_out(sent(file, now, program=program), now, decimal=",")

    worked(imports.start(source, now=now), now)

    assert balances(Card.objects.get()) == {"points": 525, "spent": 125_000}


def test_the_last_day_of_a_card_is_a_day_of_the_shop(coffee, now):
    file = csv_of(
        ["email", "valid until"], ["mia@example.com", "2026-12-31"], ["noa@example.com", "1.3.2026"]
    )

    done = imported(file, now, program=coffee)

    assert Card.objects.get().expires_at == datetime(2027, 1, 1, 5, tzinfo=UTC)
    assert problems(done) == {3: "The card has expired."}


def test_what_a_file_brings_is_no_visit(coffee, now):
    source = sent(csv_of(["email", "stamps"], ["mia@example.com", 4]), now, program=coffee)
    source.actor = "token:1"
    source.save()

    worked(imports.start(source, now=now), now)

    assert visits.of(list(Customer.objects.values_list("pk", flat=True))) == {}
