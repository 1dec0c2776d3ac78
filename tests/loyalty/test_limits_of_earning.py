"""Happy hours, caps and days of grace: how much a visit or a purchase gives, and when."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from loyalty import calendar, cards, counter, orders
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.errors import Forbidden, IllegalOperation
from loyalty.ledger.audit import broken
from loyalty.models import Card, HappyHour, Order, Program
from loyalty.models.mechanics import Mechanics
from loyalty.orders import OrderData
from loyalty.programs.stamp import StampProgram
from tests.cast import balances
from tests.loyalty.till import TILL, accrue, undo

pytestmark = pytest.mark.django_db

TUESDAY = 1


def bought(card: Card, key: str, cents: int, at: datetime, refunded: int = 0) -> Order:
    data = OrderData(
        key=key, status="paid", customer=Who(id=card.customer_id), placed_at=at,
        total_cents=cents, refunded_cents=refunded, currency="USD", platform="shop",
    )  # fmt: skip
    return orders.record(data, cause=Cause("webhook:1"), now=at)[0]


# --- Happy hours ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "day", "clock", "is_on"),
    [
        ((time(15), time(17)), 3, time(15), True),
        ((time(15), time(17)), 3, time(16, 59), True),
        ((time(15), time(17)), 3, time(17), False),
        ((time(15), time(17)), 4, time(16), False),
        ((time(22), time(2)), 3, time(23), True),
        ((time(22), time(2)), 4, time(1, 59), True),
        ((time(22), time(2)), 3, time(1), False),
        ((time(22), time(2)), 4, time(2), False),
    ],
)
def test_when_an_hour_is_happy(
    hours: tuple[time, time], day: int, clock: time, is_on: bool
) -> None:
    hour = HappyHour(begins=hours[0], ends=hours[1], weekdays=[TUESDAY])

    assert hour.is_on(datetime.combine(date(2026, 3, day), clock)) is is_on


def happy(card: Card, percent: int = 200) -> None:
    """From nine to eleven in New York, which is two to four o'clock in London."""
    HappyHour.objects.create(program=card.program, begins=time(9), ends=time(11), percent=percent)


IN_IT = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
OUT_OF_IT = datetime(2026, 3, 3, 17, tzinfo=UTC)


def test_a_purchase_earns_more_in_a_happy_hour(aurora_card: Card) -> None:
    happy(aurora_card, 150)

    bought(aurora_card, "a", 1_000, IN_IT)
    bought(aurora_card, "b", 1_000, OUT_OF_IT)
    # It is the hour of the purchase that counts, not that in which we hear of it or of a refund.
    bought(aurora_card, "a", 1_000, OUT_OF_IT, refunded=500)

    assert balances(aurora_card) == {"points": 7 + 10}
    assert broken(OUT_OF_IT) == []


def test_a_visit_and_a_stamp_for_spending_are_worth_more_too(coffee_card: Card) -> None:
    happy(coffee_card, 300)
    Program.objects.filter(pk=coffee_card.program_id).update(mechanics=Mechanics.VISIT)
    accrue(coffee_card, IN_IT, visits=1)
    accrue(coffee_card, OUT_OF_IT, visits=1)
    assert balances(coffee_card)["stamps"] == 4

    Program.objects.filter(pk=coffee_card.program_id).update(
        mechanics=Mechanics.SPEND, earn_per_cents=500
    )
    bought(coffee_card, "a", 700, IN_IT)
    assert balances(coffee_card)["stamps"] == 7


# --- Caps -----------------------------------------------------------------------------------------


def cap(card: Card, amount: int, period: str = "day") -> None:
    Program.objects.filter(pk=card.program_id).update(cap_amount=amount, cap_period=period)


def test_a_card_earns_no_more_than_its_share_of_a_day(coffee_card: Card, now: datetime) -> None:
    Program.objects.filter(pk=coffee_card.program_id).update(
        mechanics=Mechanics.VISIT, earn_amount=2
    )
    cap(coffee_card, 3)

    assert [accrue(coffee_card, now, visits=1)["card"]["balances"]["stamps"] for _n in "ab"] == [
        2,
        3,
    ]
    with pytest.raises(IllegalOperation, match="all that it may"):
        accrue(coffee_card, now, visits=1)
    # Midnight in New York.
    accrue(coffee_card, datetime(2026, 3, 4, 5, tzinfo=UTC), visits=1)
    assert balances(coffee_card)["stamps"] == 5


def test_what_staff_type_is_given_whole_or_refused(coffee_card: Card, now: datetime) -> None:
    cap(coffee_card, 3, "month")
    accrue(coffee_card, now, amount=2)

    with pytest.raises(IllegalOperation, match="1 more"):
        accrue(coffee_card, now + timedelta(days=20), amount=2)
    undone = accrue(coffee_card, now, amount=1)
    undo(undone, now)
    accrue(coffee_card, now, amount=1)
    assert balances(coffee_card)["stamps"] == 3


def test_rewards_are_no_way_around_a_cap(coffee_card: Card, now: datetime) -> None:
    accrue(coffee_card, now, amount=1, unit="rewards")
    cap(coffee_card, 3)

    with pytest.raises(Forbidden, match="adjust"):
        accrue(coffee_card, now, amount=1, unit="rewards")

    assert balances(coffee_card) == {"stamps": 0, "rewards": 1}
    accrue(coffee_card, now, by=replace(TILL, may_adjust=True), amount=1, unit="rewards")
    assert balances(coffee_card) == {"stamps": 0, "rewards": 2}


def test_an_order_gives_what_is_left_and_never_the_rest(aurora_card: Card, now: datetime) -> None:
    cap(aurora_card, 25)
    bought(aurora_card, "a", 2_000, now)

    bought(aurora_card, "b", 1_000, now)
    assert balances(aurora_card) == {"points": 25}
    bought(aurora_card, "b", 1_000, now + timedelta(days=1))  # heard of once more
    assert balances(aurora_card) == {"points": 25}
    bought(aurora_card, "b", 1_000, now + timedelta(days=1), refunded=700)
    assert balances(aurora_card) == {"points": 23}
    assert broken(now) == []


def test_stamps_for_spending_keep_to_the_cap_when_they_are_refunded(
    coffee_card: Card, now: datetime
) -> None:
    Program.objects.filter(pk=coffee_card.program_id).update(
        mechanics=Mechanics.SPEND, earn_per_cents=100
    )
    cap(coffee_card, 2)
    bought(coffee_card, "a", 500, now)
    assert balances(coffee_card)["stamps"] == 2

    bought(coffee_card, "a", 500, now, refunded=500)

    assert balances(coffee_card)["stamps"] == 0
    assert broken(now) == []


# --- Days of grace --------------------------------------------------------------------------------


def test_what_an_order_earns_waits_for_its_days(aurora_card: Card, now: datetime) -> None:
    Program.objects.filter(pk=aurora_card.program_id).update(pending_days=14)
    card = Card.objects.get(pk=aurora_card.pk)

    bought(card, "a", 2_000, now)
    bought(card, "b", 900, now)
    bought(card, "b", 900, now, refunded=400)

    shown = counter.show(card, now)
    assert (shown["balances"], shown["pending"]) == ({"points": 0}, {"points": 25})
    for days in (13, 14, 15):  # the clocks change in between; a day is a calendar day
        calendar.settle(0, now=now + timedelta(days=days))
        assert balances(card) == {"points": 0 if days == 13 else 25}
    assert counter.show(card, now + timedelta(days=15))["pending"] == {}
    bought(card, "a", 2_000, now + timedelta(days=20), refunded=2_000)
    assert balances(card) == {"points": 5}
    assert broken(now + timedelta(days=20)) == []


def test_an_order_returned_in_its_days_gives_nothing(aurora_card: Card, now: datetime) -> None:
    Program.objects.filter(pk=aurora_card.program_id).update(pending_days=14)
    body = accrue(aurora_card, now, purchase_cents=2_000)
    assert body["operation"]["entries"] == [{"unit": "points", "amount": 0, "balance": 0}]

    undo(body, now)
    calendar.settle(0, now=now + timedelta(days=15))

    assert balances(aurora_card) == {"points": 0}
    assert calendar.due(now + timedelta(days=15)) == []


def test_a_card_that_has_ended_meanwhile_gets_nothing(aurora_card: Card, now: datetime) -> None:
    Program.objects.filter(pk=aurora_card.program_id).update(pending_days=14)
    bought(aurora_card, "a", 2_000, now)
    Card.objects.filter(pk=aurora_card.pk).update(expires_at=now + timedelta(days=1))

    calendar.settle(0, now=now + timedelta(days=15))

    assert balances(aurora_card) == {"points": 0}
    assert calendar.due(now + timedelta(days=15)) == []


# --- What buyers and returners try ----------------------------------------------------------------


def spending(card: Card) -> None:
    """A stamp for each 10.00, rows of fifty."""
    Program.objects.filter(pk=card.program_id).update(
        mechanics=Mechanics.SPEND, earn_per_cents=1_000
    )
    StampProgram.objects.update(stamps_per_reward=50)


def test_buying_and_returning_around_a_happy_hour_makes_no_stamps(coffee_card: Card) -> None:
    spending(coffee_card)
    happy(coffee_card, 1_000)
    for number in range(3):
        bought(coffee_card, f"a{number}", 900, OUT_OF_IT)
        bought(coffee_card, f"b{number}", 1_100, IN_IT)
        bought(coffee_card, f"a{number}", 900, OUT_OF_IT, refunded=900)
        bought(coffee_card, f"b{number}", 1_100, OUT_OF_IT, refunded=1_100)

        assert balances(coffee_card) == {"stamps": 0, "rewards": 0}
    assert broken(OUT_OF_IT) == []


def test_a_refund_under_a_cap_takes_what_was_given(coffee_card: Card, now: datetime) -> None:
    spending(coffee_card)
    cap(coffee_card, 3)
    bought(coffee_card, "a", 10_000, now)
    bought(coffee_card, "a", 10_000, now, refunded=5_000)
    assert balances(coffee_card)["stamps"] == 3

    bought(coffee_card, "a", 10_000, now, refunded=10_000)
    bought(coffee_card, "b", 900, now)
    bought(coffee_card, "b", 900, now, refunded=900)

    assert balances(coffee_card)["stamps"] == 0
    assert not coffee_card.accounts.filter(debt__gt=0).exists()


def test_an_order_that_grows_stays_under_the_cap(aurora_card: Card, now: datetime) -> None:
    cap(aurora_card, 100)
    bought(aurora_card, "a", 100, now)

    bought(aurora_card, "a", 1_000_000, now)

    assert balances(aurora_card) == {"points": 100}


def test_what_was_refunded_does_not_fill_the_cap(aurora_card: Card, now: datetime) -> None:
    cap(aurora_card, 100)
    bought(aurora_card, "a", 10_000, now)
    bought(aurora_card, "a", 10_000, now, refunded=10_000)

    bought(aurora_card, "b", 10_000, now)

    assert balances(aurora_card) == {"points": 100}


def test_what_waited_is_given_when_a_card_can_be_used_again(
    aurora_card: Card, now: datetime
) -> None:
    Program.objects.filter(pk=aurora_card.program_id).update(pending_days=14)
    bought(aurora_card, "a", 2_000, now)
    cards.block(aurora_card, now=now)
    later = now + timedelta(days=15)
    calendar.settle(0, now=later)
    assert calendar.due(later) == []

    cards.unblock(aurora_card, now=later)
    calendar.settle(0, now=later)

    assert balances(aurora_card) == {"points": 20}
