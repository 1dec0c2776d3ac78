"""Receipts are read once, in order, and none of them stops the others."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from integrations import intake
from integrations.connectors import named
from integrations.models import Receipt, ReceiptState
from loyalty import customers
from loyalty.causes import Cause
from loyalty.models import Customer, Order
from tests.integrations.shop import CUSTOMER, ORDER, REFUND, tell
from tests.trouble import database_raises

pytestmark = pytest.mark.django_db


def states() -> list[str]:
    return list(Receipt.objects.order_by("pk").values_list("state", flat=True))


def later(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def test_what_waits_rings_once_for_each_connection(shopify, inbound):
    tell(shopify, "orders/paid", ORDER)
    tell(shopify, "orders/updated", ORDER)

    assert intake.due(later(0)) == [shopify.pk]

    assert intake.drain(shopify.pk) == 2
    assert intake.due(later(3600)) == []
    assert intake.drain(shopify.pk) == 0


def test_one_connections_receipts_do_not_wait_for_anothers(shopify, inbound):
    tell(shopify, "orders/paid", ORDER)

    assert intake.drain(inbound.pk) == 0
    assert states() == [ReceiptState.RECEIVED]


@pytest.mark.parametrize("topic", ["products/update", "", "orders/paid ", "carts/create"])
def test_a_topic_that_does_not_concern_us_is_ignored(shopify, topic):
    tell(shopify, topic, ORDER)

    intake.drain(shopify.pk)

    assert states() == [ReceiptState.IGNORED]
    assert not Order.objects.exists()


def test_a_refund_that_moved_no_money_is_nothing_to_do(shopify):
    tell(shopify, "refunds/create", REFUND | {"transactions": []})

    intake.drain(shopify.pk)

    assert states() == [ReceiptState.IGNORED]


def test_an_unreadable_one_is_set_aside_with_a_note_and_the_next_is_read(shopify):
    tell(shopify, "orders/paid", b"not json")
    tell(shopify, "orders/paid", ORDER | {"total_price": "lots"})
    tell(shopify, "orders/paid", ORDER)

    intake.drain(shopify.pk)

    assert states() == [ReceiptState.REJECTED, ReceiptState.REJECTED, ReceiptState.DONE]
    notes = Receipt.objects.order_by("pk").values_list("note", flat=True)
    assert list(notes) == ["This is not JSON.", "“total_price” is not what it should be.", ""]


def test_half_of_a_receipt_is_never_applied(shopify):
    unreadable = REFUND | {"transactions": "many"}
    tell(shopify, "orders/paid", ORDER | {"refunds": [unreadable]})

    intake.drain(shopify.pk)

    assert states() == [ReceiptState.REJECTED]
    assert not Order.objects.exists()
    assert not Customer.objects.exists()


def test_a_bug_of_ours_is_logged_and_stops_nobody(shopify, caplog):
    tell(shopify, "customers/create", CUSTOMER)
    tell(shopify, "orders/paid", ORDER)

    bug = ZeroDivisionError()
    with caplog.at_level(logging.ERROR), database_raises(bug, on="loyalty_customer", times=1):
        intake.drain(shopify.pk)

    assert states() == [ReceiptState.REJECTED, ReceiptState.DONE]
    assert "ZeroDivisionError" in caplog.text


def test_a_busy_database_puts_a_receipt_off_and_the_next_is_read(shopify):
    tell(shopify, "customers/create", CUSTOMER)
    tell(shopify, "orders/paid", ORDER)

    busy = OperationalError("canceling statement due to lock timeout")
    with database_raises(busy, on="loyalty_customer", times=1):
        intake.drain(shopify.pk)

    assert states() == [ReceiptState.RECEIVED, ReceiptState.DONE]
    assert intake.due(later(0)) == []
    assert intake.due(later(8)) == [shopify.pk]

    intake.drain(shopify.pk, now=later(8))
    assert states() == [ReceiptState.DONE, ReceiptState.DONE]


def test_one_that_kills_its_worker_is_given_up_in_the_end(shopify):
    tell(shopify, "orders/paid", ORDER)
    # What is left behind each time: claimed, and never finished.
    Receipt.objects.update(attempts=intake.MOST_ATTEMPTS)

    intake.drain(shopify.pk)

    receipt = Receipt.objects.get()
    assert receipt.state == ReceiptState.REJECTED
    assert "12" in receipt.note
    assert not Order.objects.exists()


def test_a_slow_worker_leaves_a_receipt_to_the_one_that_took_over(shopify):
    tell(shopify, "orders/paid", ORDER)
    slow = intake._claim(shopify.pk, later(0))
    taken_over = intake._claim(shopify.pk, later(8))
    assert slow
    assert taken_over

    intake._handle(slow, later(9))
    assert states() == [ReceiptState.RECEIVED]

    intake._handle(taken_over, later(9))
    assert states() == [ReceiptState.DONE]


def test_a_rejected_one_can_be_read_again(shopify):
    tell(shopify, "orders/paid", b"not json")
    tell(shopify, "orders/paid", ORDER)
    intake.drain(shopify.pk)
    Receipt.objects.filter(state=ReceiptState.REJECTED).update(topic="products/update")

    assert intake.read_again(Receipt.objects.all(), now=later(0)) == 1

    intake.drain(shopify.pk, now=later(1))
    assert states() == [ReceiptState.IGNORED, ReceiptState.DONE]
    assert Receipt.objects.exclude(note="").count() == 0


def test_a_connector_that_is_no_longer_here_leaves_a_note(shopify):
    tell(shopify, "orders/paid", ORDER)
    type(shopify).objects.update(connector="magento")

    intake.drain(shopify.pk)

    assert states() == [ReceiptState.REJECTED]
    assert named("magento") is None


def test_what_was_told_of_a_customer_is_forgotten_with_them(shopify):
    tell(shopify, "orders/paid", ORDER)
    intake.drain(shopify.pk)
    customer = Customer.objects.get()

    customers.erase(customer, cause=Cause("staff:1"), now=later(0))

    assert bytes(Receipt.objects.get().body) == b""
    assert tell(shopify, "orders/paid", ORDER).status_code == 200
    assert Receipt.objects.count() == 1
