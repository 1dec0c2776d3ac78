"""What each step does to the customer who comes by, moved by the real engine."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from automations import portable, publishing, steps
from automations.models import Journey
from automations.models.journey import JourneyState
from automations.steps.wait import Wait
from loyalty import cards, customers, events
from loyalty.models import Event, Reward
from messaging.models import Message
from tests.automations.conftest import move
from tests.cast import BY_STAFF, balances, card_of, give


@pytest.fixture
def scan(now):
    def scan(card, key="scan"):
        events.emit(
            events.CardScanned(),
            key=key,
            customer_id=card.customer_id,
            card_id=card.pk,
            cause=BY_STAFF,
            now=now,
        )
        move(now)
        return Journey.objects.get(event__key=key)

    return scan


def runs(journey):
    """Outcome and note of each step run."""
    return [(run.outcome, run.note) for run in journey.step_runs.all()]


def outcomes(journey):
    return [(run.type, run.outcome) for run in journey.step_runs.all()]


def tag(name):
    return {"type": "add_tag", "tag": name}


# --- wait -----------------------------------------------------------------------------------------


def test_a_wait_ends_on_the_customers_calendar(chain, scan, coffee_card, dora, now):
    customers.change(dora, {"time_zone": "America/New_York"}, cause=BY_STAFF, now=now)
    chain({"type": "wait", "for": "P7DT1H"}, tag("late"), publish=True)

    journey = scan(coffee_card)

    # The clocks went forward on 8 March: seven days are an hour shorter there.
    assert journey.due_at == now + timedelta(days=7)
    move(journey.due_at - timedelta(seconds=1))
    dora.refresh_from_db()
    assert dora.tags == []
    move(journey.due_at)
    dora.refresh_from_db()
    assert dora.tags == ["late"]
    assert outcomes(journey) == [("wait", "waiting"), ("wait", "done"), ("add_tag", "done")]


@pytest.mark.parametrize(
    ("columns", "words", "portable"),
    [
        ({"days": 1}, "1 day", "P1D"),
        ({"days": 2, "hours": 1}, "2 days 1 hour", "P2DT1H"),
        ({"minutes": 90}, "1 hour 30 minutes", "PT1H30M"),
        ({"seconds": 3600}, "1 hour", "PT1H"),
    ],
)
def test_a_wait_says_how_long(columns, words, portable):
    wait = Wait(**columns)

    wait.clean()

    assert (wait.summary(), wait.parameters()) == (words, {"for": portable})
    assert Wait.parse(wait.parameters(), "steps[0]")["days"] == wait.days


@pytest.mark.parametrize("columns", [{}, {"days": 4_000}])
def test_a_wait_of_nothing_or_for_ever_is_refused(columns):
    with pytest.raises(ValidationError):
        Wait(**columns).clean()


# --- condition and exit ---------------------------------------------------------------------------


def fork(yes=(), no=()):
    return {
        "type": "condition",
        "filter": ["card.stamps", ">=", 3],
        "branches": {"yes": list(yes), "no": list(no)},
    }


@pytest.mark.parametrize(("stamps", "tags"), [(3, ["many", "after"]), (2, ["few", "after"])])
def test_a_condition_sends_everybody_down_their_branch_and_goes_on(
    chain, scan, coffee_card, dora, now, stamps, tags
):
    give(coffee_card, stamps, "stamps", now)
    chain(fork([tag("many")], [tag("few")]), tag("after"), publish=True)

    journey = scan(coffee_card)

    dora.refresh_from_db()
    assert dora.tags == tags
    assert journey.state == JourneyState.FINISHED
    assert runs(journey)[0] == ("done", "If yes" if stamps == 3 else "If no")


def test_an_exit_ends_the_journey_wherever_it_stands(chain, scan, coffee_card, dora, now):
    give(coffee_card, 5, "stamps", now)
    chain(fork([tag("many"), {"type": "exit"}]), tag("after"), publish=True)

    journey = scan(coffee_card)

    dora.refresh_from_db()
    assert dora.tags == ["many"]
    assert journey.state == JourneyState.FINISHED
    assert outcomes(journey)[-1] == ("exit", "done")


def test_an_empty_branch_leads_on(chain, scan, coffee_card, dora):
    chain(fork([{"type": "exit"}]), tag("after"), publish=True)

    scan(coffee_card)

    dora.refresh_from_db()
    assert dora.tags == ["after"]


def test_a_later_step_sees_what_an_earlier_one_did(chain, scan, coffee_card, dora):
    accrue = {"type": "accrue", "unit": "stamps", "amount": 3}
    chain(accrue, fork([tag("many")], [tag("few")]), publish=True)

    scan(coffee_card)

    dora.refresh_from_db()
    assert dora.tags == ["many"]


# --- add_tag --------------------------------------------------------------------------------------


def test_a_tag_is_given_once_and_told_once(chain, scan, coffee_card, dora):
    chain(tag("vip"), tag("vip"), publish=True)

    journey = scan(coffee_card)

    dora.refresh_from_db()
    assert dora.tags == ["vip"]
    assert runs(journey) == [("done", ""), ("skipped", "The customer has this tag.")]
    assert Event.objects.filter(name="tag_added").count() == 1


# --- accrue and redeem ----------------------------------------------------------------------------


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


# --- send_email -----------------------------------------------------------------------------------


def test_an_email_is_queued_with_the_values_its_tags_need(chain, scan, coffee_card, dora, now):
    give(coffee_card, 4, "stamps", now)
    body = "{{ card.stamps }} stamps, {{ business.name }}, {{ customer.attributes.shoe }}"
    chain(
        {"type": "send_email", "subject": "Hi {{ customer.first_name }}", "body": body},
        publish=True,
    )

    journey = scan(coffee_card)

    message = Message.objects.get()
    assert message.customer_id == dora.pk
    assert message.names == {
        "customer.first_name": "Dora",
        "card.stamps": 4,
        "customer.attributes.shoe": None,
    }
    assert (message.template.subject, message.sender) == ("Hi {{ customer.first_name }}", None)
    assert runs(journey) == [("done", "Queued")]


def test_an_email_says_what_was_published_and_not_what_is_drawn(chain, scan, coffee_card):
    email = {"key": "m", "type": "send_email", "subject": "Old", "body": "Old"}
    chain(email, publish=True)
    chain({**email, "subject": "New"})

    scan(coffee_card)

    assert Message.objects.get().template.subject == "Old"


# --- all of them ----------------------------------------------------------------------------------


def test_every_type_says_what_it_is():
    for name, step_type in steps.types().items():
        assert step_type.label, name
        assert step_type.help, name
        assert set(step_type.fields) <= {field.name for field in step_type._meta.get_fields()}


def test_the_example_of_the_contract_runs(shop, tenth_coffee, alice, coffee, aurora, now):
    publishing.publish(portable.read(tenth_coffee, now=now), now)
    give(card_of(alice, coffee), 10, "ten stamps", now)

    move(now)
    move(datetime(2026, 3, 4, 10, 0, tzinfo=UTC))

    journey = Journey.objects.get()
    assert journey.state == JourneyState.FINISHED
    assert balances(card_of(alice, aurora))["points"] == 150
    assert [run.step_key for run in journey.step_runs.all()] == ["w1", "w1", "c1", "a1"]
