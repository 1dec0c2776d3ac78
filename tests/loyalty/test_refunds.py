"""What is refunded or cancelled was never earned."""

import pytest

from loyalty import ledger
from loyalty.ledger.audit import broken
from loyalty.models import Event, Operation
from loyalty.postings import Kind, Posting
from tests.loyalty.shop import SHOP, paid, points, record, refund, told

pytestmark = pytest.mark.django_db


def test_a_refund_takes_back_what_the_net_no_longer_gives(aurora_card, now):
    paid(now, 19_900)

    for _twice in range(2):
        order = refund(now, 4_194)

    assert points(aurora_card) == 157
    assert order.refunded_cents == 4_194
    assert Operation.objects.filter(order=order, kind="refund").count() == 1
    assert told("order_refunded").get().data["amount_cents"] == 4_194


def test_a_refund_may_come_before_its_order(aurora_card, now):
    early = refund(now, 4_194)
    assert early.customer is None
    assert not Event.objects.filter(name__startswith="order_").exists()

    order, made = record(now, status="paid", total_cents=19_900)

    assert made
    assert order.pk == early.pk
    assert points(aurora_card) == 157
    assert told("order_refunded").count() == 1


def test_a_cumulative_refund_counts_once_and_never_shrinks(aurora_card, now):
    paid(now, 10_000, refunded_cents=2_000)
    paid(now, 10_000, refunded_cents=5_000)

    order = paid(now, 10_000, refunded_cents=2_000)

    assert order.refunded_cents == 5_000
    assert points(aurora_card) == 50


def test_refunds_of_different_keys_add_up(aurora_card, now):
    paid(now, 10_000)
    refund(now, 2_000, key="r1")

    order = refund(now, 3_000, key="r2")

    assert order.refunded_cents == 5_000
    assert points(aurora_card) == 50


def test_more_refunded_than_paid_leaves_nothing_to_earn(aurora_card, now):
    paid(now, 10_000)

    refund(now, 12_000)

    assert points(aurora_card) == 0
    assert broken(now) == []


def test_a_cancelled_order_gives_back_all_and_stays_cancelled(aurora_card, now):
    paid(now, 10_000)
    record(now, status="cancelled")

    order = paid(now, 10_000)

    assert order.status == "cancelled"
    assert points(aurora_card) == 0
    assert told("order_cancelled").count() == told("order_paid").count() == 1


def test_what_was_spent_meanwhile_becomes_a_debt(aurora_card, now):
    paid(now, 10_000)
    spent = Posting(
        card_id=aurora_card.pk,
        kind=Kind.REDEEM,
        key="spent",
        actor="staff:1",
        cause=SHOP,
        unit="points",
        amount=80,
    )
    ledger.post(spent, now=now)

    refund(now, 10_000)

    account = aurora_card.accounts.get()
    assert (account.balance, account.debt) == (0, 80)
    assert broken(now) == []
