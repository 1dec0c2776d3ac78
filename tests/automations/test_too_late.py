"""What a step that waits does for who is woken too late: after an outage nothing is taken back,
and nothing is said at a time that makes no sense any more."""

from datetime import UTC, date, datetime, timedelta

import pytest

from automations import publishing
from automations.models import Journey
from automations.models.journey import JourneyState
from loyalty import customers
from tests.automations.chains import run, runs, tag, wave, working
from tests.cast import BY_STAFF

# Dora lives where the business is: in New York, where it is 05:00 on a Tuesday.
AT_NINE = {"type": "wait", "until_time": "09:00"}
NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


def late(then, after="PT2H"):
    return {"late": {"after": after, "then": then}}


def waiting(step, customer, now):
    working([step, tag("on")], now)
    wave(customer, now)
    run(now)
    return Journey.objects.get()


def test_within_the_time_allowed_nobody_is_too_late(shop, dora, now):
    journey = waiting({**AT_NINE, **late("exit")}, dora, now)

    run(NINE + timedelta(hours=2))

    journey.refresh_from_db()
    assert journey.state == JourneyState.FINISHED
    assert runs(journey)[1:] == [
        ("done", "The wait is over. It was 2 hours late."),
        ("done", "Tagged “on”"),
    ]


def test_without_a_rule_everybody_goes_on(shop, dora, now):
    journey = waiting(AT_NINE, dora, now)

    run(NINE + timedelta(days=2, hours=3, minutes=5, seconds=7))

    assert runs(journey)[1:] == [
        ("done", "The wait is over. It was 2 days 3 hours 5 minutes late."),
        ("done", "Tagged “on”"),
    ]


def test_whoever_is_too_late_may_go_on_all_the_same(shop, dora, now):
    journey = waiting({**AT_NINE, **late("go_on")}, dora, now)

    run(NINE + timedelta(hours=3))

    assert runs(journey)[-1] == ("done", "Tagged “on”")


def test_whoever_is_too_late_may_leave(shop, dora, now):
    journey = waiting({**AT_NINE, **late("exit")}, dora, now)

    run(NINE + timedelta(hours=2, seconds=1))

    journey.refresh_from_db()
    assert journey.state == JourneyState.FINISHED
    assert journey.note == "Left: 2 hours late."
    assert runs(journey)[1:] == [("done", "Left: 2 hours late.")]
    dora.refresh_from_db()
    assert dora.tags == []


def test_whoever_is_too_late_for_a_time_of_day_may_wait_for_the_next(shop, dora, now):
    journey = waiting({**AT_NINE, **late("again")}, dora, now)

    run(NINE + timedelta(hours=3))

    journey.refresh_from_db()
    assert journey.due_at == NINE + timedelta(days=1)
    run(journey.due_at)
    journey.refresh_from_db()
    assert journey.state == JourneyState.FINISHED
    assert [outcome for outcome, _note in runs(journey)] == ["waiting", "waiting", "done", "done"]


def test_what_was_waited_for_first_is_not_waited_for_again(shop, dora, now):
    journey = waiting({**AT_NINE, "for": "P7D", **late("again")}, dora, now)

    run(NINE + timedelta(days=7, hours=3))

    journey.refresh_from_db()
    assert journey.due_at == NINE + timedelta(days=8) - timedelta(hours=1)  # in summer time


def test_whoever_is_too_late_for_a_weekday_waits_for_that_time_of_the_next(shop, dora, now):
    step = {"type": "wait", "for": "PT5H", "weekdays": ["tuesday", "friday"], **late("again")}
    journey = waiting(step, dora, now)
    assert journey.due_at == now + timedelta(hours=5)

    run(now + timedelta(days=1, hours=2))

    journey.refresh_from_db()
    assert journey.due_at == now + timedelta(days=3, hours=5)


def test_whoever_is_too_late_for_a_weekday_on_such_a_day_goes_on(shop, dora, now):
    step = {"type": "wait", "for": "PT5H", "weekdays": ["tuesday", "friday"], **late("again")}
    journey = waiting(step, dora, now)

    run(now + timedelta(days=3, hours=1))

    assert runs(journey)[1:] == [("done", "It is such a day."), ("done", "Tagged “on”")]


def test_whoever_is_too_late_for_a_birthday_waits_for_the_next(shop, dora, now):
    customers.change(dora, {"birthday": date(1990, 3, 4)}, cause=BY_STAFF, now=now)
    birthday = {"type": "wait_until", "field": "customer.birthday", **late("again", "P1D")}
    journey = waiting(birthday, dora, now)
    assert journey.due_at == NINE + timedelta(days=1)

    run(NINE + timedelta(days=3))

    journey.refresh_from_db()
    assert journey.due_at == datetime(2027, 3, 4, 14, 0, tzinfo=UTC)


def test_a_birthday_within_the_time_allowed_is_kept(shop, dora, now):
    customers.change(dora, {"birthday": date(1990, 3, 4)}, cause=BY_STAFF, now=now)
    birthday = {"type": "wait_until", "field": "customer.birthday", **late("again", "P1D")}
    journey = waiting(birthday, dora, now)

    run(NINE + timedelta(days=1, hours=5))

    assert runs(journey)[1:] == [
        ("done", "The date has come. It was 5 hours late."),
        ("done", "Tagged “on”"),
    ]


def test_a_pause_counts_as_well(shop, dora, now):
    journey = waiting({**AT_NINE, **late("exit")}, dora, now)
    automation = journey.automation

    publishing.pause(automation, now=now)
    run(NINE)
    publishing.publish(automation, now=NINE + timedelta(hours=5))
    run(NINE + timedelta(hours=5))

    assert runs(journey)[1:] == [("done", "Left: 5 hours late.")]


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("go_on", ("done", "The time is over. It was 3 hours late.")),
        ("exit", ("done", "Left: 3 hours late.")),
    ],
)
def test_whoever_waits_for_an_event_may_be_too_late_as_well(shop, dora, now, then, said):
    step = {"type": "wait_for_event", "event": "nodded", "timeout": "PT1H", **late(then)}
    journey = waiting(step, dora, now)

    run(now + timedelta(hours=4))

    assert runs(journey)[1] == said
