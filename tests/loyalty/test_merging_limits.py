"""What two customers have used up of a limit counts together once they are one person, and it does
not matter who goes into whom."""

from datetime import datetime, timedelta

import pytest

from loyalty import caps, cards, merging
from loyalty.causes import Cause
from loyalty.counter import By
from loyalty.errors import InsufficientBalance, RewardUnavailable
from loyalty.ledger.audit import broken
from loyalty.models import Card, Customer, Location, Plan, Program, Reward
from tests.cast import BY_STAFF, give, person
from tests.loyalty import programs
from tests.loyalty.postings import held
from tests.loyalty.till import accrue, redeem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business")]
DAY = timedelta(days=1)

Two = tuple[Card, Card]


@pytest.fixture
def other(db: None, now: datetime) -> Customer:
    return person(now, email="d@shop.example")


@pytest.fixture(params=[False, True], ids=["into Dora", "into the other"])
def turned(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def two(program: Program, dora: Customer, other: Customer, now: datetime) -> Two:
    """A card of it for each."""
    mine, theirs = (cards.issue(program, who, cause=BY_STAFF, now=now)[0] for who in (dora, other))
    return mine, theirs


def one(pair: Two, turned: bool, now: datetime) -> Card:
    """The card that stays when their customers are merged."""
    kept, gone = (each.customer for each in (reversed(pair) if turned else pair))
    merging.merge(gone, kept, cause=BY_STAFF, now=now)
    return Card.objects.active().get(customer=kept)


def test_a_reward_that_one_has_had_the_other_has_had(
    aurora: Program, dora: Customer, other: Customer, turned: bool, now: datetime
) -> None:
    welcome = Reward.objects.create(program=aurora, name="Coffee", price=0, uses_per_card=2)
    pair = two(aurora, dora, other, now)
    redeem(pair[1], now, reward_id=welcome.pk)

    card = one(pair, turned, now)

    redeem(card, now, reward_id=welcome.pk)
    with pytest.raises(RewardUnavailable):
        redeem(card, now, reward_id=welcome.pk)


def test_a_milestone_of_the_row_is_not_had_twice(
    coffee: Program, dora: Customer, other: Customer, turned: bool, now: datetime
) -> None:
    cookie = Reward.objects.create(program=coffee, name="Cookie", price=3)
    pair = two(coffee, dora, other, now)
    give(pair[0], 10, "a full row", now)
    give(pair[1], 4, "four", now)
    redeem(pair[1], now, reward_id=cookie.pk)

    card = one(pair, turned, now)

    assert held(card) == {"stamps": 4, "rewards": 1}
    with pytest.raises(RewardUnavailable):
        redeem(card, now, reward_id=cookie.pk)
    give(card, 9, "the next row", now)
    redeem(card, now, reward_id=cookie.pk)


def test_a_row_that_was_filled_by_merging_begins_anew(
    coffee: Program, dora: Customer, other: Customer, turned: bool, now: datetime
) -> None:
    cookie = Reward.objects.create(program=coffee, name="Cookie", price=3)
    pair = two(coffee, dora, other, now)
    for card in pair:
        give(card, 7, f"seven {card.pk}", now)
        redeem(card, now, reward_id=cookie.pk)

    card = one(pair, turned, now)

    assert held(card) == {"stamps": 4, "rewards": 1}
    redeem(card, now, reward_id=cookie.pk)


def test_what_both_have_earned_today_fills_one_cap(
    coffee: Program, dora: Customer, other: Customer, turned: bool, now: datetime
) -> None:
    Program.objects.filter(pk=coffee.pk).update(cap_amount=5, mechanics="visit")
    pair = two(Program.objects.get(pk=coffee.pk), dora, other, now)
    for card in pair:
        accrue(card, now, visits=2)

    card = one(pair, turned, now)

    assert caps.room(card, now) == 1
    assert caps.room(card, now + DAY) == 5


def test_visits_of_both_at_one_place_count_together(
    location: Location, dora: Customer, other: Customer, turned: bool, now: datetime
) -> None:
    program = programs.make("membership")
    Plan.objects.update(visits_per_location=2)
    pair = two(program, dora, other, now)
    here = By(actor="token:3", cause=Cause("api:3"), location_id=location.pk)
    for card in pair:
        redeem(card, now, here)

    card = one(pair, turned, now)

    assert held(card) == {"visits": 22}
    with pytest.raises(InsufficientBalance):
        redeem(card, now, here)


# --- Cards past their end -------------------------------------------------------------------------


@pytest.mark.parametrize("over", [(), (0,), (1,), (0, 1)])
@pytest.mark.parametrize("kind", ["stamp", "reward", "cashback", "membership"])
def test_who_goes_into_whom_changes_nothing_of_what_is_held(
    dora: Customer, other: Customer, turned: bool, over: tuple[int, ...], kind: str, now: datetime
) -> None:
    """What an expired card held is not revived by one that can be used, on whichever side it is."""
    pair = two(programs.make(kind), dora, other, now)
    amounts = (3, 5)
    for card, amount in zip(pair, amounts, strict=True):
        if kind != "membership":
            give(card, amount, f"{amount}", now)
    ends = [now + (1 if at in over else 90 + at) * DAY for at in (0, 1)]
    for card, end in zip(pair, ends, strict=True):
        Card.objects.filter(pk=card.pk).update(expires_at=end, remainder_cents=10)
    later = now + 2 * DAY
    live = [at for at in (0, 1) if at not in over] or [0, 1]

    card = one(pair, turned, later)

    unit = card.program.earns
    before = sum(12 if kind == "membership" else amounts[at] for at in live)
    assert held(card)[unit] == before
    assert (card.expires_at, card.remainder_cents) == (max(ends), 10 * len(live))
    for each in pair:
        assert cards.find(each.code) == card
    assert broken(later) == []
