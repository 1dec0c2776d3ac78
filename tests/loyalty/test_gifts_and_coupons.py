"""Gift cards, store credit and coupons."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from loyalty import cards, clock, counter
from loyalty.counter import Wish
from loyalty.customers import Who
from loyalty.errors import (
    AlreadyRedeemed,
    IllegalOperation,
)
from loyalty.models import (
    Business,
    Card,
    Customer,
    Event,
    Program,
)
from loyalty.programs.coupon import CouponProgram
from loyalty.programs.gift import GiftProgram
from tests.cast import BY_STAFF, balances
from tests.loyalty import programs
from tests.loyalty.till import OFFICE, TILL, NewCard, accrue, redeem, request, undo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business")]


def test_a_single_use_gift_card_forfeits_what_is_left(new_card: NewCard, now: datetime) -> None:
    card = new_card("single_gift")

    body = redeem(card, now, amount=3_000)

    entries = [(each["amount"], each["balance"]) for each in body["operation"]["entries"]]
    assert entries == [(-3_000, 2_000), (-2_000, 0)]
    assert body["card"]["can"] == []
    with pytest.raises(AlreadyRedeemed):
        redeem(card, now, amount=1)
    with pytest.raises(IllegalOperation):
        accrue(card, now, amount=1)


def test_an_undone_single_use_gives_all_of_it_back(new_card: NewCard, now: datetime) -> None:
    card = new_card("single_gift")

    undo(redeem(card, now, amount=3_000), now)

    assert balances(card) == {"money": 5_000}
    assert redeem(card, now, amount=5_000)["card"]["balances"] == {"money": 0}


def test_a_gift_card_is_topped_up_where_its_program_says_so(
    new_card: NewCard, now: datetime
) -> None:
    card = new_card("gift")
    accrue(card, now, amount=700)
    GiftProgram.objects.filter(pk=card.program_id).update(may_top_up=False)

    with pytest.raises(IllegalOperation, match="topped up"):
        accrue(card, now, amount=1)
    assert balances(card) == {"money": 5_700}


def test_store_credit_is_one_card_that_begins_empty(dora: Customer, now: datetime) -> None:
    program = programs.make("gift")
    GiftProgram.objects.filter(pk=program.pk).update(is_store_credit=True)
    program = Program.objects.get(pk=program.pk)

    cards_made = {cards.issue(program, dora, cause=BY_STAFF, now=now)[0].pk for _n in range(2)}

    (card,) = Card.objects.filter(pk__in=cards_made)
    with pytest.raises(IllegalOperation, match="already"):
        cards.issue(program, dora, cause=BY_STAFF, now=now, opening=500)
    assert balances(card) == {"money": 0}
    accrue(card, now, amount=250)
    assert balances(card) == {"money": 250}


def test_a_coupon_is_redeemed_once_and_says_so(new_card: NewCard, now: datetime) -> None:
    card = new_card("coupon")

    redeem(card, now)

    told = Event.objects.get(name="coupon_redeemed")
    assert (told.card_id, told.data) == (card.pk, {"program": "coupon"})
    with pytest.raises(AlreadyRedeemed):
        redeem(card, now)
    assert Event.objects.filter(name="coupon_redeemed").count() == 1


def test_a_coupon_turns_into_a_card_with_its_first_stamp(
    new_card: NewCard, coffee: Program, now: datetime
) -> None:
    card = new_card("coupon")
    CouponProgram.objects.update(turns_into=coffee)
    wanted = request()

    def take() -> counter.Answer:
        return counter.redeem(card.serial, Wish(), by=TILL, request=wanted, now=now)

    first, again = take(), take()

    new = Card.objects.get(program=coffee)
    assert first.body["issued"] == {"program": "coffee", "serial": new.serial}
    assert (new.customer_id, balances(new)) == (card.customer_id, {"stamps": 1, "rewards": 0})
    assert (again.is_replay, again.body) == (True, first.body)


def turned(new_card: NewCard, program: Program, now: datetime) -> tuple[dict[str, Any], Card]:
    """What the till said of a coupon, and the card it turned into."""
    card = new_card("coupon")
    CouponProgram.objects.update(turns_into=program)
    said = redeem(card, now)
    return said, Card.objects.get(program=program)


def test_the_card_goes_with_the_coupon_that_is_undone(
    new_card: NewCard, coffee: Program, now: datetime
) -> None:
    said, new = turned(new_card, coffee, now)

    undo(said, now)

    new.refresh_from_db()
    coupon = Card.objects.get(program__slug="coupon")
    assert (new.status, balances(new)) == ("deleted", {"stamps": 0, "rewards": 0})
    assert balances(coupon) == {"uses": 1}
    assert Event.objects.filter(name="card_deleted", card=new).count() == 1

    again = redeem(coupon, now)["issued"]["serial"]
    assert balances(Card.objects.get(serial=again)) == {"stamps": 1, "rewards": 0}


def test_a_card_that_was_used_since_keeps_what_else_it_got(
    new_card: NewCard, coffee: Program, now: datetime
) -> None:
    said, new = turned(new_card, coffee, now)
    accrue(new, now, amount=3)

    undo(said, now)

    new.refresh_from_db()
    assert (new.status, balances(new)) == ("active", {"stamps": 3, "rewards": 0})


def test_a_card_they_had_before_stays_when_the_coupon_is_undone(
    new_card: NewCard, coffee_card: Card, now: datetime
) -> None:
    accrue(coffee_card, now, amount=2)
    said, _same = turned(new_card, coffee_card.program, now)

    undo(said, now)

    coffee_card.refresh_from_db()
    assert (coffee_card.status, balances(coffee_card)) == ("active", {"stamps": 2, "rewards": 0})


def test_whoever_has_the_card_already_gets_no_stamp_for_the_coupon(
    new_card: NewCard, coffee_card: Card, now: datetime
) -> None:
    card = new_card("coupon")
    CouponProgram.objects.update(turns_into=coffee_card.program)

    body = redeem(card, now)

    assert body["issued"]["serial"] == coffee_card.serial
    assert balances(coffee_card) == {"stamps": 0, "rewards": 0}


def test_a_card_lives_until_a_day_or_for_some_days(dora: Customer, now: datetime) -> None:
    program = programs.make("gift")
    Program.objects.filter(pk=program.pk).update(card_ends_on="2026-03-10", card_life_days=30)
    dated = Program.objects.get(pk=program.pk)
    first, _new = cards.issue(dated, dora, cause=BY_STAFF, now=now, opening=100)
    Program.objects.filter(pk=program.pk).update(card_ends_on=None)
    lasting = Program.objects.get(pk=program.pk)
    second, _new = cards.issue(lasting, dora, cause=BY_STAFF, now=now, opening=100)

    # The last day is over at midnight in New York, which is four hours behind by then.
    assert first.expires_at == datetime(2026, 3, 11, 4, 0, tzinfo=now.tzinfo)
    assert second.expires_at == datetime(2026, 4, 2, 14, 0, tzinfo=now.tzinfo) - timedelta(hours=5)


def test_nobody_is_needed_to_issue_again(dora: Customer, business: Business) -> None:
    program = programs.make("gift")

    answer = counter.issue(
        program.slug,
        Who(id=dora.pk),
        opening=1_500,
        by=OFFICE,
        request=request(),
        now=clock.now(),
    )

    assert (answer.is_new, answer.body["balances"]) == (True, {"money": 1_500})
