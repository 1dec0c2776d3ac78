"""A purchase typed in at the till is an order of platform `counter`."""

from datetime import datetime

import pytest

from loyalty import cards, counter, orders
from loyalty.causes import Cause
from loyalty.counter import Answer, By, Request, Wish
from loyalty.customers import Who
from loyalty.errors import AlreadyReversed, IllegalOperation, Invalid
from loyalty.ledger.audit import broken
from loyalty.models import Card, Event, Operation, Order
from loyalty.models.mechanics import Mechanics
from loyalty.orders import OrderData
from tests.cast import BY_STAFF, balances, give

pytestmark = pytest.mark.django_db

TILL = By(actor="token:3", cause=Cause("api:3"), may_adjust=True)
SHOP = Cause("webhook:1")


def buy(card: Card, cents: int, key: str, now: datetime, order_key: str = "") -> Answer:
    wish = Wish(purchase_cents=cents, order_key=order_key)
    request = Request(f"api:3:{key}", f"{card.serial}:{cents}:{order_key}")
    return counter.accrue(card.serial, wish, by=TILL, request=request, now=now)


def undo(operation_id: int, now: datetime) -> Answer:
    request = Request(f"api:3:undo:{operation_id}", f"undo:{operation_id}")
    return counter.reverse(operation_id, "A mistake", by=TILL, request=request, now=now)


def paid_by_webhook(key: str, cents: int, now: datetime) -> Order:
    data = OrderData(
        key=key,
        status="paid",
        customer=Who(email="dora@example.com"),
        total_cents=cents,
        currency="USD",
        platform="shop",
    )
    return orders.record(data, cause=SHOP, now=now)[0]


def operation_of(answer: Answer) -> int:
    return int(answer.body["operation"]["id"])


def snapshot() -> tuple[object, ...]:
    return (
        list(Order.objects.order_by("pk").values()),
        Operation.objects.count(),
        Event.objects.count(),
    )


@pytest.fixture
def spending_coffee(coffee, coffee_card, now):
    """Dora's coffee card, a stamp for each 5.00."""
    coffee.mechanics, coffee.earn_per_cents = Mechanics.SPEND, 500
    coffee.save()
    return coffee_card


def test_a_purchase_is_a_paid_order(aurora_card, now):
    answer = buy(aurora_card, 1_250, "a", now, order_key="till:7")

    assert balances(aurora_card) == {"points": 12}
    assert answer.body["operation"]["key"] == "a"
    order = Order.objects.get(key="till:7")
    assert (order.platform, order.status, order.total_cents) == ("counter", "paid", 1_250)
    assert order.currency == "USD"
    assert order.customer_id == aurora_card.customer_id
    assert Event.objects.filter(name="order_paid").count() == 1


def test_the_same_purchase_again_is_a_replay(aurora_card, now):
    first = buy(aurora_card, 1_250, "a", now)
    before = snapshot()

    again = buy(aurora_card, 1_250, "a", now)

    assert again.is_replay
    assert again.body == first.body
    assert snapshot() == before


def test_purchases_without_an_order_key_are_different_orders(aurora_card, now):
    buy(aurora_card, 1_000, "a", now)
    buy(aurora_card, 1_000, "b", now)

    assert balances(aurora_card) == {"points": 20}
    assert Order.objects.count() == 2


def test_a_purchase_too_small_to_earn_keeps_its_key(aurora_card, now):
    buy(aurora_card, 99, "a", now)

    operation = Operation.objects.get(key="api:3:a")
    assert balances(aurora_card) == {"points": 0}
    assert operation.order is not None
    assert buy(aurora_card, 99, "a", now).is_replay


def test_an_order_that_a_webhook_paid_pays_once(aurora_card, now):
    paid_by_webhook("shop:1", 1_250, now)

    answer = buy(aurora_card, 1_250, "a", now, order_key="shop:1")

    assert balances(aurora_card) == {"points": 12}
    entries = answer.body["operation"]["entries"]
    assert entries == [{"unit": "points", "amount": 0, "balance": 12}]
    assert Order.objects.get().platform == "shop"


def test_an_order_that_the_till_paid_pays_once(aurora_card, now):
    buy(aurora_card, 1_250, "a", now, order_key="shop:1")

    order = paid_by_webhook("shop:1", 1_399, now)

    assert balances(aurora_card) == {"points": 13}
    assert (order.platform, order.total_cents) == ("counter", 1_399)
    assert Event.objects.filter(name="order_paid").count() == 1


def test_an_order_of_someone_else_is_refused(aurora_card, alice, aurora, now):
    paid_by_webhook("shop:1", 1_250, now)
    before = snapshot()

    with pytest.raises(Invalid):
        buy(alice.cards.get(program=aurora), 1_250, "a", now, order_key="shop:1")

    assert snapshot() == before


def test_a_card_that_does_not_count_spending_is_refused(coffee_card, now):
    before = snapshot()

    with pytest.raises(IllegalOperation):
        buy(coffee_card, 1_250, "a", now)

    assert snapshot() == before


def test_the_customers_other_cards_earn_too(aurora_card, spending_coffee, now):
    buy(aurora_card, 1_250, "a", now)

    assert balances(aurora_card) == {"points": 12}
    assert balances(spending_coffee)["stamps"] == 2


def test_a_reversed_purchase_cancels_its_order_for_good(aurora_card, spending_coffee, now):
    answer = buy(aurora_card, 1_250, "a", now, order_key="shop:1")

    undo(operation_of(answer), now)
    paid_by_webhook("shop:1", 1_250, now)

    assert balances(aurora_card) == {"points": 0}
    assert balances(spending_coffee)["stamps"] == 0
    spending_coffee.refresh_from_db()
    assert spending_coffee.remainder_cents == 0
    order = Order.objects.get()
    assert (order.status, order.never_earns) == ("cancelled", True)
    assert Event.objects.filter(name="order_cancelled").count() == 1
    assert broken(now) == []


def test_what_it_gave_a_card_that_was_blocked_since_is_taken_back_as_well(
    aurora_card, spending_coffee, now
):
    answer = buy(aurora_card, 2_000, "cake", now)
    given = balances(spending_coffee)
    cards.block(spending_coffee, now=now)

    undo(operation_of(answer), now)

    assert given["stamps"] > 0
    assert balances(spending_coffee)["stamps"] == 0
    assert broken(now) == []


def test_it_is_reversed_once(aurora_card, now):
    answer = buy(aurora_card, 1_250, "a", now)
    undo(operation_of(answer), now)
    before = snapshot()

    assert undo(operation_of(answer), now).is_replay
    with pytest.raises(AlreadyReversed):
        counter.reverse(
            operation_of(answer), "", by=TILL, request=Request("api:3:other", "x"), now=now
        )

    assert snapshot() == before


def test_what_a_webhook_earned_cannot_be_reversed_by_hand(aurora_card, now):
    order = paid_by_webhook("shop:1", 1_250, now)

    with pytest.raises(IllegalOperation):
        undo(Operation.objects.get(order=order).pk, now)

    assert balances(aurora_card) == {"points": 12}


def test_a_refund_before_the_reversal_is_not_taken_back_twice(aurora_card, now):
    answer = buy(aurora_card, 10_000, "a", now, order_key="till:7")
    orders.refund("till:7", "r1", 4_000, cause=SHOP, now=now)
    give(aurora_card, 5, "something else", now)

    undo(operation_of(answer), now)

    assert balances(aurora_card) == {"points": 5}
    assert not aurora_card.accounts.filter(debt__gt=0).exists()
    assert broken(now) == []


@pytest.mark.parametrize(
    ("purchases", "stamps", "remainder"),
    [((300, 300, 450), 1, 250), ((300, 300), 0, 300), ((1_234, 0, 266), 0, 266)],
)
def test_a_reversal_gives_the_remainder_back(purchases, stamps, remainder, spending_coffee, now):
    """As if the first purchase had never been, wherever its change went meanwhile."""
    answers = [buy(spending_coffee, cents, str(n), now) for n, cents in enumerate(purchases)]

    undo(operation_of(answers[0]), now)

    assert balances(spending_coffee)["stamps"] == stamps
    spending_coffee.refresh_from_db()
    assert spending_coffee.remainder_cents == remainder
    assert broken(now) == []


def test_an_expired_card_buys_nothing(aurora_card, now):
    cards.change_expiry(aurora_card, now, now=now)
    before = snapshot()

    with pytest.raises(Exception, match="expired"):
        buy(aurora_card, 1_250, "a", now)

    assert snapshot() == before


def test_a_second_program_with_a_card_on_order_waits_for_a_webhook(aurora, dora, coffee, now):
    """The till issues no cards: it was shown one."""
    coffee.mechanics, coffee.earn_per_cents, coffee.currency = Mechanics.SPEND, 500, "EUR"
    coffee.save()
    card = cards.issue(coffee, dora, cause=BY_STAFF, now=now)[0]

    buy(card, 1_250, "a", now)

    assert Card.objects.count() == 1
    assert balances(card)["stamps"] == 2


def test_what_a_till_does_says_where(alice, coffee_card, location, spending_coffee, now):
    here = By(actor="token:3", cause=Cause("api:3"), location_id=location.pk, may_adjust=True)

    counter.scan(coffee_card.code, by=here, now=now)
    request = Request("api:3:buy", "buy")
    counter.accrue(coffee_card.serial, Wish(purchase_cents=900), by=here, request=request, now=now)
    request = Request("api:3:issue", "issue")
    counter.issue("aurora", Who(email="dora@example.com"), by=here, request=request, now=now)

    there = Event.objects.filter(location=location).values_list("name", flat=True)
    assert set(there) == {
        *("card_scanned", "balance_changed", "card_issued"),
        *("order_created", "order_paid"),
    }
