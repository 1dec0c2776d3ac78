"""Accrue and redeem: what a journey moves on a card, by the real engine."""

from datetime import timedelta

from automations import lint, portable
from automations.models.journey import JourneyState
from loyalty import cards
from loyalty.models import Event, Reward
from tests.automations.chains import outcomes, runs, tag
from tests.cast import balances, give
from tests.loyalty import programs


def test_accrue_gives_on_the_card_of_the_program(chain, scan, coffee_card, aurora_card):
    chain(
        {"type": "accrue", "unit": "points", "amount": 50, "program": "aurora"},
        {"type": "accrue", "unit": "stamps", "amount": 2},
        publish=True,
    )

    journey = scan(coffee_card)

    assert balances(aurora_card)["points"] == 50
    assert balances(coffee_card)["stamps"] == 2
    assert runs(journey)[0] == ("done", f"50 points on card {aurora_card.number}")


def test_without_a_card_of_the_program_the_step_skips(chain, scan, coffee_card):
    chain({"type": "accrue", "unit": "points", "amount": 50, "program": "aurora"}, publish=True)

    journey = scan(coffee_card)

    assert runs(journey) == [("skipped", "The customer has no card of this program.")]
    assert journey.state == JourneyState.FINISHED


def test_a_unit_that_the_card_does_not_count_is_skipped_with_the_reason(chain, scan, coffee_card):
    chain({"type": "accrue", "unit": "points", "amount": 50}, publish=True)

    journey = scan(coffee_card)

    assert runs(journey) == [("skipped", "A stamp card counts stamps and rewards.")]
    assert balances(coffee_card) == {"stamps": 0, "rewards": 0}


def test_redeem_takes_what_the_card_is_spent_in(chain, scan, coffee_card, aurora_card, now):
    give(coffee_card, 10, "a full row", now)
    give(aurora_card, 30, "points", now)
    chain(
        {"type": "redeem", "amount": 1},
        {"type": "redeem", "amount": 20, "program": "aurora"},
        publish=True,
    )

    journey = scan(coffee_card)

    assert balances(coffee_card)["rewards"] == 0
    assert balances(aurora_card)["points"] == 10
    assert outcomes(journey) == [("redeem", "done"), ("redeem", "done")]


def test_redeem_takes_a_reward_at_the_price_it_has_today(chain, scan, aurora_card, now):
    give(aurora_card, 100, "points", now)
    automation = chain(
        {"type": "redeem", "reward": "A piece of cake", "program": "aurora"}, publish=True
    )
    Reward.objects.filter(name="A piece of cake").update(price=60)

    journey = scan(aurora_card)

    assert outcomes(journey) == [("redeem", "done")]
    assert balances(aurora_card) == {"points": 40}
    told = Event.objects.get(name="reward_redeemed").data
    assert told == {"reward": "A piece of cake", "unit": "points", "amount": 60}
    drawn = portable.write(automation)["steps"][0]
    assert (drawn["reward"], drawn["program"]) == ("A piece of cake", "aurora")


def test_a_reward_that_is_not_offered_any_more_is_skipped(chain, scan, aurora_card, now):
    give(aurora_card, 100, "points", now)
    chain({"type": "redeem", "reward": "A piece of cake", "program": "aurora"}, publish=True)
    Reward.objects.filter(name="A piece of cake").update(is_active=False)

    journey = scan(aurora_card)

    assert runs(journey) == [("skipped", "This reward is not offered any more.")]
    assert balances(aurora_card) == {"points": 100}


def test_redeem_skips_where_the_card_does_not_hold_enough(chain, scan, coffee_card):
    chain({"type": "redeem", "amount": 1}, tag("on"), publish=True)

    journey = scan(coffee_card)

    assert runs(journey)[0] == ("skipped", "The card does not hold enough.")
    assert balances(coffee_card)["rewards"] == 0
    assert journey.state == JourneyState.FINISHED


def test_an_expired_card_is_left_alone(chain, scan, coffee_card, now):
    cards.change_expiry(coffee_card, now - timedelta(days=1), now=now)
    chain({"type": "accrue", "unit": "stamps", "amount": 1}, publish=True)

    journey = scan(coffee_card)

    assert runs(journey) == [("skipped", "The card has expired.")]
    assert balances(coffee_card)["stamps"] == 0


def test_nothing_is_redeemed_where_a_card_only_counts_what_was_spent(chain):
    programs.make("discount")

    made = chain({"key": "r", "type": "redeem", "amount": 1, "program": "discount"})

    (found,) = lint.problems(made.draft)
    assert (found.step_key, found.text) == (
        "r",
        "There is nothing to redeem on cards of discount.",
    )
