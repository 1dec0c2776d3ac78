"""What each step does to the customer who comes by, moved by the real engine."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from automations import portable, publishing, steps
from automations.models import Journey
from automations.models.journey import JourneyState
from automations.steps.wait import Wait
from loyalty import customers
from loyalty.models import Event
from messaging.models import Message
from tests.automations.chains import outcomes, runs, tag
from tests.automations.conftest import move
from tests.cast import BY_STAFF, balances, card_of, give

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
    assert runs(journey) == [
        ("done", "Tagged “vip”"),
        ("skipped", "The customer has this tag."),
    ]
    assert Event.objects.filter(name="tag_added").count() == 1


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
    publishing.publish(portable.read(tenth_coffee, now=now), now=now)
    give(card_of(alice, coffee), 10, "ten stamps", now)

    move(now)
    move(datetime(2026, 3, 4, 10, 0, tzinfo=UTC))

    journey = Journey.objects.get()
    assert journey.state == JourneyState.FINISHED
    assert balances(card_of(alice, aurora))["points"] == 150
    assert [run.step_key for run in journey.step_runs.all()] == ["w1", "w1", "c1", "a1"]
