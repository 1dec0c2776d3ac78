"""Shopify: what comes of its orders, refunds and customers, whatever the order they arrive in."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from integrations import intake
from integrations.models import Receipt, ReceiptState
from loyalty import customers
from loyalty.causes import Cause
from loyalty.ledger.audit import broken
from loyalty.models import Account, Card, Consent, Customer, Event, Operation, Order, Refund
from tests.integrations.shop import CUSTOMER, ORDER, REFUND, tell

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
Payload = Callable[[str], Any]


def points() -> list[int]:
    """What each card holds, or owes."""
    return [account.balance - account.debt for account in Account.objects.filter(unit="points")]


# --- Orders ---------------------------------------------------------------------------------------


def test_a_paid_order_makes_its_customer_and_gives_its_points_once(shopify, aurora):
    for topic in ("orders/paid", "orders/paid", "orders/updated", "orders/create"):
        tell(shopify, topic, ORDER)
        intake.drain(shopify.pk)

    customer = Customer.objects.get()
    order = Order.objects.get()
    assert (customer.email, customer.external_id) == ("ann@example.com", "shopify:7")
    assert (order.key, order.platform, order.customer) == ("shopify:1001", "shopify", customer)
    assert points() == [99]
    assert set(Event.objects.values_list("name", "cause")) >= {
        ("order_created", "order:shopify:1001"),
        ("order_paid", "order:shopify:1001"),
    }
    assert Event.objects.filter(name="order_paid").count() == 1
    assert set(Receipt.objects.values_list("state", "customer")) == {
        (ReceiptState.DONE, customer.pk)
    }
    assert broken(datetime.now(UTC)) == []


def test_a_guest_who_left_nothing_has_an_order_and_no_points(shopify, aurora):
    tell(shopify, "orders/paid", ORDER | {"customer": None, "email": None})
    intake.drain(shopify.pk)

    assert Order.objects.get().customer is None
    assert not Customer.objects.exists()
    assert not Card.objects.exists()


def test_a_phone_number_that_is_none_costs_nobody_their_points(shopify, aurora):
    guest = {"customer": None, "phone": "555-625-1199", "email": "ann@example.com"}
    tell(shopify, "orders/paid", ORDER | guest)
    intake.drain(shopify.pk)

    assert Customer.objects.get().phone == ""
    assert points() == [99]


def test_a_refund_that_comes_before_its_order_counts_when_it_arrives(shopify, aurora):
    tell(shopify, "refunds/create", REFUND)
    intake.drain(shopify.pk)

    order = Order.objects.get()
    assert (order.customer, order.total_cents, order.refunded_cents) == (None, 0, 2050)
    assert not Operation.objects.exists()
    assert not Event.objects.exists()

    tell(shopify, "orders/paid", ORDER)
    intake.drain(shopify.pk)
    assert points() == [78]


UPDATES: dict[str, tuple[str, Any]] = {
    "created": (
        "orders/create",
        ORDER | {"financial_status": "pending", "updated_at": "2026-03-02T10:00:00-05:00"},
    ),
    "paid": ("orders/paid", ORDER | {"updated_at": "2026-03-02T10:01:00-05:00"}),
    "edited": (
        "orders/updated",
        ORDER | {"total_price": "105.00", "updated_at": "2026-03-02T10:02:00-05:00"},
    ),
    "refunded": ("refunds/create", REFUND),
    "updated": (
        "orders/updated",
        ORDER
        | {
            "total_price": "105.00",
            "financial_status": "partially_refunded",
            "refunds": [REFUND],
            "updated_at": "2026-03-02T10:03:00-05:00",
        },
    ),
}
CANCELLED = (
    "orders/updated",
    UPDATES["updated"][1]
    | {
        "cancelled_at": "2026-03-02T10:04:00-05:00",
        "updated_at": "2026-03-02T10:04:00-05:00",
    },
)


@pytest.mark.parametrize("order", [*permutations(UPDATES)], ids="-".join)
def test_every_order_of_arrival_ends_the_same(shopify, aurora, order):
    for name in (*order, order[0]):
        topic, body = UPDATES[name]
        tell(shopify, topic, body)
        intake.drain(shopify.pk)

    assert points() == [84]  # floor(105.00 − 20.50)
    assert Customer.objects.count() == 1
    assert Refund.objects.count() == 1
    assert broken(datetime.now(UTC)) == []


@pytest.mark.parametrize("place", range(6))
def test_a_cancelled_order_gives_nothing_whenever_we_hear_of_it(shopify, aurora, place):
    told = list(UPDATES.values())
    told.insert(place, CANCELLED)

    for topic, body in told:
        tell(shopify, topic, body)
        intake.drain(shopify.pk)

    assert sum(points()) == 0
    assert Order.objects.get().status == "cancelled"
    assert broken(datetime.now(UTC)) == []


# --- New customers --------------------------------------------------------------------------------


def test_a_new_customer_joins_with_the_consent_they_gave(shopify):
    for _ in range(2):
        tell(shopify, "customers/create", CUSTOMER)
        intake.drain(shopify.pk)

    customer = Customer.objects.get()
    assert (customer.name, customer.phone) == ("Ann Lee", "+41441234567")
    assert customer.consents_to("email")
    consent = Consent.objects.get()
    assert (consent.channel, consent.source) == ("email", "Web shop")


def test_a_new_customer_who_did_not_subscribe_has_not_consented(shopify):
    tell(shopify, "customers/create", CUSTOMER | {"email_marketing_consent": None})
    intake.drain(shopify.pk)

    assert not Customer.objects.get().consents_to("email")
    assert not Consent.objects.exists()


@pytest.mark.parametrize("first", ["orders/paid", "customers/create"])
def test_consent_is_the_same_whether_the_order_or_the_customer_comes_first(shopify, first):
    told = {"orders/paid": ORDER, "customers/create": CUSTOMER}
    for topic in sorted(told, key=lambda topic: topic != first):
        tell(shopify, topic, told[topic])
        intake.drain(shopify.pk)

    assert Customer.objects.get().consents_to("email")


def test_a_no_that_was_said_here_is_not_undone_by_the_shop(shopify):
    customer, _made = customers.find_or_create(
        customers.Who(email="ann@example.com"), cause=Cause("staff:1"), now=NOW
    )
    customers.set_consent(
        customer, "email", False, source="unsubscribed", cause=Cause("staff:1"), now=NOW
    )

    tell(shopify, "customers/create", CUSTOMER)
    intake.drain(shopify.pk)

    assert not Customer.objects.get().consents_to("email")


def test_a_yes_for_one_address_is_none_for_another(shopify):
    customers.find_or_create(
        customers.Who(external_id="shopify:7", email="old@example.com"),
        cause=Cause("staff:1"),
        now=NOW,
    )

    tell(shopify, "customers/create", CUSTOMER)
    intake.drain(shopify.pk)

    assert not Customer.objects.get().consents_to("email")


# --- What Shopify really sends --------------------------------------------------------------------


def test_the_collected_paid_order_gives_199_points_once(shopify, aurora, payload: Payload):
    body = payload("shopify/webhook_orders_paid.json")

    for topic in ("orders/paid", "orders/paid", "orders/paid", "orders/updated"):
        assert tell(shopify, topic, body).status_code == 200
        intake.drain(shopify.pk)

    assert Customer.objects.get().email == "foo@example.com"
    assert Order.objects.get().key == "shopify:1073459972"
    assert Event.objects.filter(name="order_paid").count() == 1
    assert points() == [199]


def test_the_collected_refund_leaves_157_points(shopify, aurora, payload: Payload):
    tell(shopify, "orders/paid", payload("shopify/webhook_orders_paid.json"))
    refund = payload("shopify/webhook_refunds_create_1.json") | {"order_id": 1073459972}

    for _ in range(2):
        tell(shopify, "refunds/create", refund)
        intake.drain(shopify.pk)

    assert points() == [157]
    assert broken(datetime.now(UTC)) == []


def test_the_collected_refund_of_an_unknown_order_is_kept_for_it(shopify, aurora, payload: Payload):
    tell(shopify, "orders/paid", payload("shopify/webhook_orders_paid.json"))
    tell(shopify, "refunds/create", payload("shopify/webhook_refunds_create_1.json"))
    intake.drain(shopify.pk)

    unknown = Order.objects.get(key="shopify:450789469")
    assert (unknown.placed_at, unknown.refunded_cents) == (None, 4194)
    assert points() == [199]

    (order,) = payload("shopify/rest_orders.json")["orders"]
    tell(shopify, "orders/updated", order)
    intake.drain(shopify.pk)
    assert sorted(points()) == [199, 557]  # floor(598.94 − 41.94 = 557.00)
