"""Shopify: what its bodies say."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.connectors import named
from integrations.errors import Unreadable
from integrations.facts import CustomerSeen, OrderSeen, Person, RefundSeen
from tests.integrations.shop import CUSTOMER, ORDER, REFUND, as_bytes

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
Payload = Callable[[str], Any]


def facts(topic: str, body: Any) -> list[Any]:
    connector = named("shopify")
    assert connector
    return list(connector.facts(topic, as_bytes(body)))


def test_an_order_is_read_with_its_amounts_in_cents():
    (order,) = facts("orders/paid", ORDER)

    assert order == OrderSeen(
        key="shopify:1001",
        status="paid",
        placed_at=NOW,
        updated_at=NOW,
        currency="USD",
        subtotal_cents=9000,
        tax_cents=900,
        total_cents=9900,
        lines=[
            {
                "sku": "MUG",
                "product_id": "5",
                "title": "Mug",
                "quantity": 2,
                "price_cents": 4500,
            }
        ],
        person=Person(
            external_id="shopify:7",
            email="ann@example.com",
            phone="+41441234567",
            first_name="Ann",
            last_name="Lee",
        ),
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"financial_status": "pending"}, "pending"),
        ({"financial_status": "authorized"}, "pending"),
        ({"financial_status": "partially_paid"}, "pending"),
        ({"financial_status": "voided"}, "pending"),
        ({"financial_status": None, "fulfillment_status": "fulfilled"}, "pending"),
        ({"financial_status": "paid"}, "paid"),
        ({"financial_status": "paid", "fulfillment_status": "partial"}, "paid"),
        ({"financial_status": "paid", "fulfillment_status": "fulfilled"}, "completed"),
        ({"financial_status": "partially_refunded"}, "paid"),
        ({"financial_status": "refunded"}, "paid"),
        ({"financial_status": "paid", "cancelled_at": "2026-03-02T11:00:00Z"}, "cancelled"),
        ({"financial_status": "pending", "cancelled_at": "2026-03-02T11:00:00Z"}, "cancelled"),
    ],
)
def test_the_status_follows_money_goods_and_cancelling(changes, status):
    (order,) = facts("orders/updated", ORDER | changes)

    assert order.status == status


@pytest.mark.parametrize(
    ("changes", "person"),
    [
        (
            {"customer": None},
            Person(email="ann@example.com"),
        ),
        (
            {"customer": None, "email": None, "contact_email": "desk@example.com"},
            Person(email="desk@example.com"),
        ),
        ({"customer": None, "email": None, "phone": "+41441234567"}, Person(phone="+41441234567")),
        ({"customer": None, "email": None}, Person()),
        ({"customer": {"id": 7}, "email": ""}, Person(external_id="shopify:7")),
    ],
)
def test_a_buyer_may_be_a_guest_or_have_no_email(changes, person):
    (order,) = facts("orders/paid", ORDER | changes)

    assert order.person == person


def test_amounts_follow_the_decimals_of_their_currency():
    yen = {"currency": "JPY", "total_price": "1200", "subtotal_price": "1200.00"}

    (order,) = facts("orders/paid", ORDER | yen | {"total_tax": "0", "line_items": []})

    assert (order.currency, order.total_cents, order.subtotal_cents) == ("JPY", 1200, 1200)


def test_a_refund_is_the_sum_of_what_was_paid_back():
    transactions = [
        {"kind": "refund", "status": "success", "amount": "20.50", "currency": "USD"},
        {"kind": "refund", "status": "success", "amount": "1.15", "currency": "USD"},
        {"kind": "refund", "status": "pending", "amount": "5.00", "currency": "USD"},
        {"kind": "refund", "status": "failure", "amount": "5.00", "currency": "USD"},
        {"kind": "sale", "status": "success", "amount": "99.00", "currency": "USD"},
    ]

    assert facts("refunds/create", REFUND | {"transactions": transactions}) == [
        RefundSeen(order_key="shopify:1001", key="501", amount_cents=2165)
    ]


def test_a_refund_inside_an_order_is_the_same_fact():
    _order, refund = facts("orders/updated", ORDER | {"refunds": [REFUND]})

    assert [refund] == facts("refunds/create", REFUND)


def test_a_refund_in_another_currency_than_the_shops_needs_a_person():
    euros = {"kind": "refund", "status": "success", "amount": "10.00", "currency": "EUR"}
    shops = {"total_unsettled_set": {"shop_money": {"amount": "0", "currency": "USD"}}}

    with pytest.raises(Unreadable, match="EUR"):
        facts("orders/updated", ORDER | {"refunds": [REFUND | {"transactions": [euros]}]})
    with pytest.raises(Unreadable, match="EUR"):
        facts("refunds/create", REFUND | {"transactions": [euros | shops]})


@pytest.mark.parametrize(
    ("state", "wants"),
    [
        ("subscribed", True),
        *((state, False) for state in ("not_subscribed", "pending", "unsubscribed", "redacted")),
    ],
)
def test_only_a_subscribed_customer_has_said_yes(state, wants):
    (customer,) = facts(
        "customers/create", CUSTOMER | {"email_marketing_consent": {"state": state}}
    )

    assert isinstance(customer, CustomerSeen)
    assert customer.wants_email is wants


# --- What Shopify really sends --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "person"),
    [
        ("rest_order", "bob.norman@hostmail.com"),
        ("webhook_orders_create_pending", "bob.norman@mail.example.com"),
    ],
)
def test_the_other_collected_orders_are_read(file, person, payload: Payload):
    body = payload(f"shopify/{file}.json")

    order = facts("orders/updated", body.get("order", body))[0]

    assert order.person.email == person
    assert order.status == "pending"


@pytest.mark.parametrize("number", [1073339458, 1073339459, 1073339463])
def test_the_collected_customers_are_read(number, payload: Payload):
    (customer,) = facts(
        "customers/create", payload(f"shopify/webhook_customers_create_{number}.json")
    )

    assert customer.person.external_id == f"shopify:{number}"
    assert customer.person.phone == "+15142546011"
    assert not customer.wants_email
