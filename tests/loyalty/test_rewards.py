"""Rewards of reward cards, and milestones of stamp cards."""

from datetime import datetime, timedelta

import pytest

from loyalty import counter, ledger, redeeming
from loyalty.errors import (
    RewardUnavailable,
)
from loyalty.ledger import Kind
from loyalty.models import (
    Card,
    Customer,
    Event,
    Program,
    Reward,
)
from tests.cast import balances
from tests.loyalty.postings import posting
from tests.loyalty.till import OFFICE, accrue, redeem, undo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business")]


def test_a_welcome_costs_nothing_and_is_given_once(aurora_card: Card, now: datetime) -> None:
    welcome = Reward.objects.create(
        program=aurora_card.program, name="A coffee", price=0, uses_per_card=1
    )

    body = redeem(aurora_card, now, reward_id=welcome.pk)

    assert body["operation"]["entries"] == []
    assert Event.objects.get(name="reward_redeemed").data["reward"] == "A coffee"
    with pytest.raises(RewardUnavailable):
        redeem(aurora_card, now, reward_id=welcome.pk)
    undo(body, now)
    redeem(aurora_card, now, reward_id=welcome.pk)


def test_a_reward_may_be_had_so_many_times_in_all(
    aurora_card: Card, alice: Customer, now: datetime
) -> None:
    few = Reward.objects.create(program=aurora_card.program, name="A cup", price=10, uses_in_all=1)
    hers = alice.cards.get(program=aurora_card.program)
    accrue(aurora_card, now, OFFICE, amount=10)

    redeem(hers, now, reward_id=few.pk)

    with pytest.raises(RewardUnavailable):
        redeem(aurora_card, now, reward_id=few.pk)
    assert balances(aurora_card) == {"points": 10}


def test_a_reward_has_its_time(aurora_card: Card, now: datetime) -> None:
    accrue(aurora_card, now, OFFICE, amount=100)
    summer = Reward.objects.create(
        program=aurora_card.program,
        name="Ice cream",
        price=10,
        starts_at=now + timedelta(days=1),
        ends_at=now + timedelta(days=2),
    )

    def offered(at: datetime) -> bool:
        shown = counter.show(aurora_card, at)["rewards"]
        return "Ice cream" in [each["name"] for each in shown]

    for days, is_offered in ((0, False), (1, True), (2, False)):
        at = now + timedelta(days=days)
        assert offered(at) is is_offered
        if is_offered:
            redeem(aurora_card, at, reward_id=summer.pk)
        else:
            with pytest.raises(RewardUnavailable):
                redeem(aurora_card, at, reward_id=summer.pk)


def test_a_reward_says_what_it_takes_off(aurora_card: Card, now: datetime) -> None:
    program = aurora_card.program
    program.rewards.all().delete()
    Reward.objects.create(
        program=program, name="Half", price=1, kind="percent", percent=50, most_cents=900
    )
    Reward.objects.create(program=program, name="Ten", price=2, kind="fixed", value_cents=1_000)

    shown = counter.show(aurora_card, now)["rewards"]

    assert [each["off"] for each in shown] == [
        {"percent": "50", "most_cents": 900},
        {"cents": 1_000},
    ]


def test_a_milestone_is_taken_once_in_a_row_and_costs_no_stamp(
    coffee_card: Card, now: datetime
) -> None:
    cookie = Reward.objects.create(program=coffee_card.program, name="A cookie", price=5)
    accrue(coffee_card, now, amount=4)
    with pytest.raises(RewardUnavailable):
        redeem(coffee_card, now, reward_id=cookie.pk)

    crossed = accrue(coffee_card, now, amount=1)["crossed"]
    redeem(coffee_card, now, reward_id=cookie.pk)

    assert crossed == [{"unit": "stamps", "at": 5, "mark": "milestone"}]
    assert balances(coffee_card) == {"stamps": 5, "rewards": 0}
    with pytest.raises(RewardUnavailable):
        redeem(coffee_card, now, reward_id=cookie.pk)
    accrue(coffee_card, now, amount=10)  # the next row, with five stamps
    redeem(coffee_card, now, reward_id=cookie.pk)


def test_an_undone_full_row_gives_no_milestone_twice(coffee_card: Card, now: datetime) -> None:
    cookie = Reward.objects.create(program=coffee_card.program, name="A cookie", price=5)
    accrue(coffee_card, now, amount=9)
    redeem(coffee_card, now, reward_id=cookie.pk)

    undo(accrue(coffee_card, now, amount=1), now)

    with pytest.raises(RewardUnavailable):
        redeem(coffee_card, now, reward_id=cookie.pk)


def test_a_row_that_expired_does_not_bar_the_next(coffee_card: Card, now: datetime) -> None:
    Program.objects.filter(pk=coffee_card.program_id).update(lot_life_days=10)
    cookie = Reward.objects.create(program=coffee_card.program, name="A cookie", price=5)
    accrue(coffee_card, now, amount=6)
    redeem(coffee_card, now, reward_id=cookie.pk)

    later = now + timedelta(days=20)
    accrue(coffee_card, later, amount=6)
    redeem(coffee_card, later, reward_id=cookie.pk)


def test_a_batch_takes_a_milestone_once(coffee_card: Card, now: datetime) -> None:
    cookie = Reward.objects.create(program=coffee_card.program, name="A cookie", price=5)
    accrue(coffee_card, now, amount=6)

    with ledger.open(cards=[coffee_card.pk], now=now) as book:
        for key in "abc":
            wish = posting(coffee_card, Kind.REDEEM, 0, key, "stamps")
            if key == "a":
                redeeming.redeem(book, wish, cookie)
            else:
                with pytest.raises(RewardUnavailable):
                    redeeming.redeem(book, wish, cookie)
