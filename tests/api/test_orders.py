"""Orders over the API."""

import pytest

from loyalty.models import Customer, Order
from tests.api.caller import said
from tests.cast import balances

PAID = {
    "key": "web:1",
    "customer": {"email": "dora@example.com"},
    "placed_at": "2026-03-01T10:00:00+01:00",
    "subtotal_cents": 4_000,
    "tax_cents": 500,
    "total_cents": 4_599,
    "currency": "USD",
    "lines": [{"title": "Beans", "quantity": 2, "price_cents": 2_000}],
    "status": "paid",
}
UNFIT: dict[str, list[object]] = {
    "key": ["", "x" * 151, 5, None, "ü", ["k"]],
    "customer": [{}, {"id": 999}, "dora", None, {"email": "no address"}, {"id": "1"}, [1]],
    "placed_at": ["yesterday", 1_772_000_000, "9999-12-31T23:00:00-05:00", True],
    "subtotal_cents": [-1, 1.0, "100", True, 10**12 + 1, None],
    "tax_cents": [-1, 0.5, "0", False],
    "total_cents": [-1, 1.5, "4599", True, 10**12 + 1, 2**63 - 1, None, [1]],
    "refunded_cents": [-1, 1.0, "1", True],
    "currency": ["usd", "US", "USDD", 5, None, "U$D"],
    "lines": ["x", {"0": {}}, [5], [[]], [{}] * 1_001],
    "status": ["refunded", "PAID", 1, None, ["paid"]],
    "platform": ["", "x" * 41, 5, "ü"],
}


def test_an_order_is_recorded_earns_and_is_shown(office, dora, aurora_card):
    answer = office.post("orders/", PAID)

    assert answer.status_code == 201
    assert answer.json()["order"] == PAID | {
        "customer": {"id": dora.pk},
        "placed_at": "2026-03-01T09:00:00Z",
        "refunded_cents": 0,
        "platform": "api",
        "note": "",
        "earned": [{"serial": aurora_card.serial, "unit": "points", "amount": 45}],
    }
    assert office.get("orders/web:1/").json() == answer.json()


def test_the_same_order_again_changes_nothing(office, aurora_card):
    first, again = office.post("orders/", PAID), office.post("orders/", PAID)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert balances(aurora_card) == {"points": 45}


def test_a_refund_takes_back_what_was_too_much(office, aurora_card):
    office.post("orders/", PAID)

    order = office.post("orders/", PAID | {"refunded_cents": 600}).json()["order"]

    assert order["refunded_cents"] == 600
    assert order["earned"][0]["amount"] == balances(aurora_card)["points"] == 39


def test_whom_nobody_knows_is_made_without_consent(office, aurora):
    order = office.post("orders/", PAID | {"customer": {"email": "new@example.com"}}).json()

    new = Customer.objects.get()
    assert order["order"]["customer"] == {"id": new.pk}
    assert not new.consents_to("email")
    assert balances(new.cards.get()) == {"points": 45}


def test_the_key_may_be_anything_printable(office, dora, aurora):
    for key in ("shopify:1073459972", "a/b/c", "50%", "a b", "?x=1", "#1"):
        office.post("orders/", PAID | {"key": key})

    addresses = ["shopify:1073459972", "a/b/c", "50%25", "a%20b", "%3Fx=1", "%231"]
    assert [office.get(f"orders/{address}/").status_code for address in addresses] == [200] * 6


@pytest.mark.parametrize("name", UNFIT)
def test_what_does_not_fit_is_refused_by_name(office, aurora_card, name):
    for value in UNFIT[name]:
        answer = office.post("orders/", PAID | {name: value})
        assert said(answer) == (400, "invalid"), value
        assert answer.json()["fields"], value

    assert not Order.objects.exists()
    assert balances(aurora_card) == {"points": 0}


@pytest.mark.parametrize("name", ["key", "customer", "total_cents", "currency", "status"])
def test_what_is_needed_is_asked_for(office, dora, name):
    answer = office.post("orders/", {n: value for n, value in PAID.items() if n != name})

    assert said(answer) == (400, "invalid")
    assert list(answer.json()["fields"]) == [name]


@pytest.mark.parametrize("name", ["id", "earned", "note", "never_earns", "customer_id", "updated"])
def test_a_field_that_is_not_offered_is_refused(office, dora, name):
    assert said(office.post("orders/", PAID | {name: 1})) == (400, "unknown_field")
    assert not Order.objects.exists()


@pytest.mark.parametrize("key", ["none", "%00", "ä", "x" * 400, "%ED%A0%80"])
def test_an_unknown_order_is_not_found(office, business, key):
    assert said(office.get(f"orders/{key}/")) == (404, "not_found")


def test_orders_are_listed_by_customer(office, dora, alice, aurora):
    office.post("orders/", PAID)
    office.post("orders/", PAID | {"key": "web:2", "customer": {"id": alice.pk}})

    for who in (dora.pk, "dora@example.com"):
        listed = office.get(f"orders/?customer={who}").json()["results"]
        assert [order["key"] for order in listed] == ["web:1"]
    assert office.get("orders/?customer=nobody").json()["results"] == []
    assert len(office.get("orders/").json()["results"]) == 2
