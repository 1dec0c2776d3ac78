"""When a referral counts, what both sides get, and when it is taken back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from loyalty import calendar, cards, orders, referrals
from loyalty.customers import Who
from loyalty.ledger.audit import broken
from loyalty.models import Card, Customer, Event, Order, Program, Referral
from loyalty.models.referral import Occasion, Refusal, Rewarded
from tests.cast import BY_STAFF, balances, card_of
from tests.loyalty import till
from tests.loyalty.friends import bring, offer, settle, theirs
from tests.loyalty.shop import SHOP

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(alice: Customer, coffee: Program) -> Card:
    return card_of(alice, coffee)


@pytest.fixture
def points(alice: Customer, aurora: Program) -> Card:
    """Alice's, with 100 points."""
    return card_of(alice, aurora)


def bought(referral: Referral, cents: int, now: datetime) -> Order:
    """The newcomer pays that much in the web shop."""
    data = orders.OrderData(
        key="shop:1",
        status="paid",
        customer=Who(id=referral.referred_id),
        total_cents=cents,
        currency="USD",
    )
    return orders.record(data, cause=SHOP, now=now)[0]


# --- When it counts -------------------------------------------------------------------------------


def test_a_first_visit_rewards_both(card, now):
    offer(card.program)
    referral = bring(card, now)

    till.accrue(theirs(referral), now, amount=1)
    settle(now)
    till.accrue(theirs(referral), now, amount=1)
    settle(now)

    referral.refresh_from_db()
    assert referral.state == "rewarded"
    assert balances(card)["stamps"] == 5
    assert balances(theirs(referral))["stamps"] == 3 + 2
    told = Event.objects.get(name="referral_succeeded")
    assert (told.customer_id, told.card_id) == (card.customer_id, card.pk)
    no_order = {"order_id": None, "order_key": "", "net_cents": 0}
    assert told.data == {"program": "coffee", "referral": referral.pk, **no_order}
    assert broken(now) == []


def test_joining_may_be_enough(card, now):
    offer(card.program, occasion=Occasion.JOIN, rewarded=Rewarded.REFERRED)
    referral = bring(card, now)

    assert calendar.due(now) == [0]
    calendar.settle(0, now=now)

    assert calendar.due(now) == []
    assert balances(theirs(referral))["stamps"] == 3
    assert balances(card)["stamps"] == 0


def test_an_installed_card_may_be_enough(card, now):
    offer(card.program, occasion=Occasion.INSTALL)
    referral = bring(card, now)
    till.accrue(theirs(referral), now, amount=1)
    assert not referrals.is_due()

    cards.install(theirs(referral), device="d1", where="web", cause=BY_STAFF, now=now)
    settle(now)

    referral.refresh_from_db()
    assert (referral.state, referral.installed_at) == ("rewarded", now)
    assert balances(card)["stamps"] == 5


def test_an_installed_card_is_noted_on_the_way_to_a_visit(card, now):
    offer(card.program)
    referral = bring(card, now)
    cards.install(theirs(referral), device="d1", where="web", cause=BY_STAFF, now=now)

    settle(now)
    referral.refresh_from_db()
    assert referral.state == "installed"

    till.accrue(theirs(referral), now, amount=1)
    settle(now)
    referral.refresh_from_db()
    assert referral.state == "rewarded"


def test_a_purchase_counts_from_its_minimum(points, now):
    offer(points.program, minimum_cents=2_000)
    referral = bring(points, now)

    till.accrue(theirs(referral), now, purchase_cents=1_999)
    settle(now)
    assert balances(points)["points"] == 100

    order = bought(referral, 2_000, now)
    settle(now)
    assert balances(points)["points"] == 105
    told = Event.objects.get(name="referral_succeeded")
    assert told.data["order_id"] == order.pk
    assert told.data["net_cents"] == 2_000


def test_what_is_given_may_stand_on_another_card(points, alice, coffee, now):
    offer(points.program, gives=coffee, unit="rewards", rewarded=Rewarded.BOTH)
    referral = bring(points, now)

    till.accrue(theirs(referral), now, purchase_cents=500)
    settle(now)

    referral.refresh_from_db()
    assert balances(card_of(alice, coffee))["rewards"] == 5
    assert referral.note == "The newcomer has no card of Coffee card."


def test_a_referrer_is_rewarded_so_often_in_a_month(card, coffee, now):
    offer(card.program, most_per_month=1)
    for email in ("one@example.com", "two@example.com"):
        till.accrue(theirs(bring(card, now, email)), now, amount=1)
        settle(now)

    assert balances(card)["stamps"] == 5
    assert [r.state for r in Referral.objects.order_by("pk")] == ["rewarded", "rewarded"]
    assert Referral.objects.latest("pk").note == str(Refusal.CAP.label)

    later = now + timedelta(days=31)
    till.accrue(theirs(bring(card, later, "three@example.com")), later, amount=1)
    settle(later)
    assert balances(card)["stamps"] == 0
    assert balances(card)["rewards"] == 1


# --- Taking back ----------------------------------------------------------------------------------


def test_a_refund_within_the_window_takes_both_rewards_back(points, now):
    offer(points.program, minimum_cents=1_000, window_days=30)
    referral = bring(points, now)
    bought(referral, 1_500, now)
    settle(now)
    assert balances(points)["points"] == 105

    orders.refund("shop:1", "r1", 400, cause=SHOP, now=now + timedelta(days=1))
    assert not referrals.is_due()
    orders.refund("shop:1", "r2", 200, cause=SHOP, now=now + timedelta(days=2))
    settle(now + timedelta(days=2))
    settle(now + timedelta(days=2))

    referral.refresh_from_db()
    assert referral.state == "reversed"
    assert balances(points)["points"] == 100
    assert balances(theirs(referral))["points"] == 9
    assert broken(now + timedelta(days=2)) == []


def test_a_refund_before_the_reward_prevents_it(points, now):
    offer(points.program)
    referral = bring(points, now)
    bought(referral, 1_500, now)
    orders.refund("shop:1", "r1", 1_500, cause=SHOP, now=now)

    settle(now)

    referral.refresh_from_db()
    assert referral.state == "reversed"
    assert balances(points)["points"] == 100
    assert not Event.objects.filter(name="referral_succeeded").exists()


def test_a_late_refund_changes_nothing(points, now):
    offer(points.program, window_days=7)
    referral = bring(points, now)
    bought(referral, 1_500, now)
    settle(now)

    orders.refund("shop:1", "r1", 1_500, cause=SHOP, now=now + timedelta(days=8))
    settle(now + timedelta(days=8))

    referral.refresh_from_db()
    assert referral.state == "rewarded"
    assert balances(points)["points"] == 105


@pytest.mark.parametrize("is_purchase", [True, False])
def test_a_slip_at_the_till_takes_it_back(card, points, now, is_purchase):
    mine = points if is_purchase else card
    held = balances(mine)
    offer(mine.program)
    referral = bring(mine, now)
    wish: dict[str, Any] = {"purchase_cents": 500} if is_purchase else {"amount": 1}
    body = till.accrue(theirs(referral), now, **wish)
    settle(now)

    till.undo(body, now)
    settle(now)

    referral.refresh_from_db()
    assert referral.state == "reversed"
    assert balances(mine) == held
    assert set(balances(theirs(referral)).values()) == {0}
