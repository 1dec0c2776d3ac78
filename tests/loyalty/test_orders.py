from datetime import timedelta

import pytest

from loyalty import cards, customers, orders
from loyalty.customers import Who
from loyalty.errors import Invalid
from loyalty.ledger.audit import broken
from loyalty.models import Card, Operation
from loyalty.models.mechanics import Mechanics
from tests.cast import balances
from tests.loyalty.shop import SHOP, paid, points, record, refund, snapshot, told

pytestmark = pytest.mark.django_db


# --- Earning --------------------------------------------------------------------------------------


def test_a_paid_order_earns_its_points(aurora_card, now):
    order, made = record(now, status="paid", total_cents=19_999)

    assert made
    assert points(aurora_card) == 199
    operation = Operation.objects.get(order=order)
    assert (operation.kind, operation.actor) == ("accrue", "order")
    assert orders.shape(order)["earned"] == [
        {"serial": aurora_card.serial, "unit": "points", "amount": 199}
    ]
    assert told("order_created").count() == told("order_paid").count() == 1
    assert told("order_paid").get().data["total_cents"] == 19_999


def test_the_same_order_three_times_pays_once(aurora_card, now):
    paid(now, 5_000)
    before = snapshot()

    for _again in range(2):
        _order, made = record(now, status="paid", total_cents=5_000)

    assert not made
    assert snapshot() == before
    assert points(aurora_card) == 50


def test_a_pending_order_earns_when_it_is_paid(aurora_card, now):
    record(now, status="pending", total_cents=5_000)
    assert points(aurora_card) == 0
    assert not told("order_paid").exists()

    paid(now, 5_000)

    assert points(aurora_card) == 50
    assert told("order_created").count() == told("order_paid").count() == 1


def test_a_completed_order_was_paid(aurora_card, now):
    record(now, status="completed", total_cents=5_000)

    assert points(aurora_card) == 50
    assert told("order_paid").count() == told("order_completed").count() == 1


def test_a_first_order_comes_with_a_card(aurora, dora, now):
    paid(now, 5_000)

    card = Card.objects.get(customer=dora)
    assert card.program_id == aurora.pk
    assert points(card) == 50
    assert broken(now) == []


def test_whom_nobody_knows_is_made_and_gets_the_card(aurora, now):
    order = paid(now, 5_000, customer=Who(email="new@example.com"))

    assert order.customer is not None
    assert not order.customer.consents_to("email")
    assert points(Card.objects.get(customer=order.customer)) == 50


def test_a_program_without_issue_on_order_waits_for_a_card(aurora, dora, now):
    aurora.issue_on_order = False
    aurora.save()

    order = paid(now, 5_000)

    assert not Card.objects.exists()
    assert "USD" in order.note
    assert told("order_paid").count() == 1


def test_another_currency_earns_nothing_and_says_so(aurora_card, now):
    order = paid(now, 5_000, currency="EUR")

    assert points(aurora_card) == 0
    assert "EUR" in order.note
    assert order.total_cents == 5_000


def test_an_order_without_a_customer_earns_when_it_gets_one(aurora_card, now):
    paid(now, 5_000, customer=None)
    assert not told("order_paid").exists()

    paid(now, 5_000)

    assert points(aurora_card) == 50
    assert told("order_paid").count() == 1


def test_an_order_stays_with_its_first_customer(aurora_card, alice, now):
    paid(now, 5_000)

    order = paid(now, 5_000, customer=Who(id=alice.pk))

    assert order.customer_id == aurora_card.customer_id
    assert points(aurora_card) == 50


def test_the_rate_is_the_one_of_the_first_earning(aurora, aurora_card, now):
    paid(now, 5_000)
    aurora.earn_amount = 3
    aurora.save()

    paid(now, 6_000)

    assert points(aurora_card) == 60


def test_an_expired_card_earns_nothing_but_gives_back(aurora_card, now):
    paid(now, 5_000)
    cards.change_expiry(aurora_card, now, now=now)

    paid(now, 9_000)
    assert points(aurora_card) == 50
    refund(now, 8_000)

    assert points(aurora_card) == 10


def test_an_erased_customers_order_changes_nothing_more_of_theirs(aurora_card, dora, now):
    paid(now, 5_000)
    customers.erase(dora, cause=SHOP, now=now)

    order = paid(now, 9_000, customer=Who(email="dora@example.com"))

    assert order.total_cents == 9_000
    assert Card.objects.count() == 1
    assert points(aurora_card) == 50
    assert broken(now) == []


# --- What counts ----------------------------------------------------------------------------------


def test_amounts_are_those_of_the_newest_change(aurora_card, now):
    paid(now, 10_000, updated_at=now)

    order = paid(now, 5_000, updated_at=now - timedelta(hours=1))
    assert order.total_cents == 10_000
    order = paid(now, 7_000, updated_at=now + timedelta(hours=1))

    assert order.total_cents == 7_000
    assert points(aurora_card) == 70


def test_what_is_not_said_stays(aurora_card, now):
    paid(now, 10_000, tax_cents=700, lines=[{"sku": "beans"}], placed_at=now)

    order, _made = record(now + timedelta(days=1), status="completed")

    assert (order.total_cents, order.tax_cents) == (10_000, 700)
    assert order.lines == [{"sku": "beans"}]
    assert order.placed_at == now


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", ""),
        ("key", "x" * 151),
        ("key", "é"),
        ("status", "shipped"),
        ("total_cents", -1),
        ("total_cents", 2**63),
        ("total_cents", 10.5),
        ("currency", "usd"),
        ("lines", [{"name": "\x00"}]),
        ("lines", {"sku": 1}),
        ("placed_at", "2026-03-03"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(field, value, aurora_card, now):
    before = snapshot()

    with pytest.raises(Invalid) as refusal:
        record(now, **({"status": "paid", "total_cents": 100} | {field: value}))

    assert set(refusal.value.fields) == {field}
    assert snapshot() == before


def test_an_unknown_id_is_refused(aurora_card, now):
    before = snapshot()

    with pytest.raises(Invalid):
        paid(now, 100, customer=Who(id=10**9))

    assert snapshot() == before


def test_a_refund_that_cannot_be_kept_is_refused(aurora_card, now):
    before = snapshot()

    with pytest.raises(Invalid) as refusal:
        orders.refund("", "r1", -1, cause=SHOP, now=now)

    assert set(refusal.value.fields) == {"order_key", "amount_cents"}
    assert snapshot() == before


# --- Stamps ---------------------------------------------------------------------------------------


def test_what_is_left_of_an_order_counts_with_the_next(coffee, coffee_card, now):
    coffee.mechanics, coffee.earn_per_cents = Mechanics.SPEND, 500
    coffee.save()

    paid(now, 1_300, key="shop:1")
    paid(now, 1_300, key="shop:2")

    assert balances(coffee_card) == {"stamps": 5, "rewards": 0}
    coffee_card.refresh_from_db()
    assert coffee_card.remainder_cents == 100


def test_every_card_that_counts_spending_earns(coffee, coffee_card, aurora_card, now):
    coffee.mechanics, coffee.earn_per_cents = Mechanics.SPEND, 500
    coffee.save()

    paid(now, 1_300)

    assert balances(coffee_card)["stamps"] == 2
    assert points(aurora_card) == 13
