"""The steps about time: what they take and say, and what they do to who comes by.

tests/automations/test_dst.py has the edges of the calendar.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from automations import lint
from automations.models import Journey
from automations.models.journey import JourneyState
from automations.steps.wait import Wait
from automations.steps.wait_for_event import WaitForEvent
from automations.steps.wait_until import WaitUntil
from loyalty import cards, customers
from tests.automations.chains import outcomes, run, runs, tag, wave, working
from tests.cast import BY_STAFF

MONDAY_TO_FRIDAY = ["monday", "tuesday", "wednesday", "thursday", "friday"]


ORDERED = {"type": "wait_until", "field": "order.placed_at"}
SCANNED = {"type": "wait_for_event", "event": "card_scanned", "timeout": "P1D"}


def columns_of(step_type, **document):
    return step_type(**step_type.parse(document, "steps[0]"))


# --- What they say --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"for": "P1DT90M"}, "1 day 1 hour 30 minutes"),
        ({"until_time": "09:00"}, "Until 09:00"),
        ({"weekdays": ["sunday"]}, "Until it is Sunday"),
        (
            {"for": "PT1H", "weekdays": ["monday", "sunday"]},
            "1 hour, then until it is Monday or Sunday",
        ),
        (
            {"for": "P3D", "until_time": "09:00", "weekdays": MONDAY_TO_FRIDAY},
            "3 days, then until 09:00 on Monday to Friday",
        ),
        (
            {"until_time": "18:30", "late": {"after": "PT2H", "then": "again"}},
            "Until 18:30; more than 2 hours late: wait for the next such moment",
        ),
        ({"for": "P1D", "late": {"after": "PT2H", "then": "go_on"}}, "1 day"),
    ],
)
def test_a_wait_says_what_it_waits_for(document, words):
    assert columns_of(Wait, **document).summary() == words


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"field": "customer.birthday"}, "The birthday"),
        ({"field": "card.expires_at", "offset": "-P3D"}, "3 days before the day of expiry"),
        (
            {"field": "customer.attributes.wedding", "offset": "P1DT2H", "at": "08:15"},
            "1 day 2 hours after the wedding at 08:15",
        ),
    ],
)
def test_a_wait_until_a_date_says_when(document, words):
    assert columns_of(WaitUntil, **document).summary() == words


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"event": "card_scanned", "timeout": "P7D"}, "Card scanned, at most 7 days"),
        ({"event": "balance_changed", "timeout": "PT1H"}, "Balance changed, at most 1 hour"),
        (
            {"event": "order_paid", "filter": ["order.platform", "=", "shopify"], "timeout": "P1D"},
            "Order paid if order platform is “shopify”, at most 1 day",
        ),
        ({"event": "delivered", "timeout": "P1D"}, "“delivered”, at most 1 day"),
    ],
)
def test_a_wait_for_an_event_says_which(document, words):
    assert columns_of(WaitForEvent, **document).summary() == words


# --- What stands in the way of publishing ---------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (ORDERED, "“order.placed_at” never has a value here."),
        ({"type": "wait_until", "field": "event.unit"}, "“event.unit” is no date."),
        ({**SCANNED, "event": "birthday"}, "Nothing tells of “birthday” here."),
    ],
)
def test_what_can_never_be_is_named_before_it_is_published(chain, step, problem):
    automation = chain({"key": "k", **step}, trigger="stamp_count_reached", params={"count": 5})

    assert automation.draft
    assert [each.text for each in lint.problems(automation.draft)] == [problem]


def test_an_event_that_somebody_else_sends_may_be_awaited_with_any_of_its_fields(chain):
    step = {
        "type": "wait_for_event",
        "event": "parcel_delivered",
        "filter": ["event.weight", "<", 3],
        "timeout": "P1D",
    }

    assert chain(step, publish=True).is_working


# --- What they do ---------------------------------------------------------------------------------


def test_on_a_day_that_is_allowed_nobody_waits(chain, scan, coffee_card, dora):
    chain({"type": "wait", "weekdays": ["tuesday"]}, tag("on"), publish=True)

    journey = scan(coffee_card)

    assert runs(journey) == [("done", "It is such a day."), ("done", "Tagged “on”")]


def test_a_card_that_is_extended_is_waited_for_again(chain, scan, coffee_card, dora, now):
    ends = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
    cards.change_expiry(coffee_card, ends, now=now)
    step = {"type": "wait_until", "field": "card.expires_at", "offset": "-P3D"}
    chain(step, tag("soon"), publish=True)
    journey = scan(coffee_card)
    assert journey.due_at == ends - timedelta(days=3)

    cards.change_expiry(coffee_card, ends + timedelta(days=30), now=now)
    run(ends - timedelta(days=3))

    journey.refresh_from_db()
    assert journey.due_at == ends + timedelta(days=27)
    run(journey.due_at)
    assert outcomes(journey)[-2:] == [("wait_until", "done"), ("add_tag", "done")]


@pytest.mark.parametrize(
    ("attributes", "note"),
    [
        ({}, "No date is known here."),
        ({"day": "soon"}, "No date is known here."),
        ({"day": 20260401}, "No date is known here."),
        ({"day": "2026-03-01"}, "2026-03-01 09:00 EST has passed."),
    ],
)
def test_who_has_no_such_date_ahead_goes_on_with_a_note(shop, dora, now, attributes, note):
    customers.change(dora, {"attributes": attributes}, cause=BY_STAFF, now=now)
    working([{"type": "wait_until", "field": "customer.attributes.day"}, tag("on")], now)

    wave(dora, now)
    run(now)

    journey = Journey.objects.get()
    assert runs(journey)[0] == ("skipped", note)
    assert journey.state == JourneyState.FINISHED


@pytest.mark.parametrize("offset", ["-P10D", "-PT30H", "PT30H", "P10D"])
@pytest.mark.parametrize(
    ("day", "zone", "words"),
    [
        ("9999-12-31", "America/New_York", "Until 9999-"),
        ("9999-12-31T23:59:59Z", "Pacific/Kiritimati", "Until 9999-"),
        ("0001-01-01", "Pacific/Kiritimati", "has passed"),
        ("0001-01-01T00:00:00Z", "America/New_York", "has passed"),
    ],
)
def test_a_date_at_the_end_of_all_calendars_fails_nobody(shop, dora, now, day, zone, words, offset):
    customers.change(dora, {"time_zone": zone}, cause=BY_STAFF, now=now)
    working([{"type": "wait_until", "field": "event.day", "offset": offset}], now)

    wave(dora, now, day=day)
    run(now)

    ((outcome, note),) = runs(Journey.objects.get())
    assert words in note
    assert outcome == ("waiting" if day.startswith("9") else "skipped")


def test_a_birthday_that_is_taken_away_is_not_waited_for(shop, dora, now):
    customers.change(dora, {"birthday": date(1990, 4, 1)}, cause=BY_STAFF, now=now)
    working([{"type": "wait_until", "field": "customer.birthday"}], now)
    wave(dora, now)
    run(now)

    customers.change(dora, {"birthday": None}, cause=BY_STAFF, now=now)
    run(datetime(2026, 4, 2, tzinfo=UTC))

    assert runs(Journey.objects.get())[-1] == ("skipped", "The date is no longer known.")
