"""Who may enter, and how often: each rule, and what it says to whom it keeps out."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from automations.models import Enrolment, Journey
from loyalty.models import Card, Customer
from tests.automations.chains import GIVE_FIVE, run, tag, wave
from tests.automations.ruled import refusals, ruled
from tests.cast import balances, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]

Steps = list[dict[str, Any]]
WAIT: Steps = [{"key": "w", "type": "wait", "for": "P1D"}]
GIVE: Steps = [{"key": "a", **GIVE_FIVE}]


# --- How often ------------------------------------------------------------------------------------


def test_once_in_so_many_days_counts_days_of_24_hours_since_the_last_entry(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    ruled(GIVE, now, thread={"again": "once_per_days", "days": 2})

    for hours in (0, 47, 48, 95):
        wave(regular, now, f"after {hours}")
        run(now + timedelta(hours=hours))

    assert balances(aurora_card) == {"points": 10}
    assert refusals() == ["Entered within the last 2 days."] * 2


def test_once_per_key_counts_each_value_of_the_field(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    ruled(GIVE, now, thread={"again": "once_per_key", "entry_key": "event.booking"})

    for key, data in (
        ("first", {"booking": "B1"}),
        ("moved", {"booking": "B1"}),
        ("second", {"booking": 2}),
        ("none", {}),
        ("long", {"booking": "x" * 400}),
        ("long again", {"booking": "x" * 400}),
    ):
        wave(regular, now, key, **data)
    run(now)

    assert balances(aurora_card) == {"points": 15}
    assert refusals() == [
        "Entered before.",
        "“event.booking” has no value, and it is what decides.",
        "Entered before.",
    ]
    assert {key[:6] for key in Enrolment.objects.values_list("key", flat=True)} == {
        *("key:B1", "key:2", "key:sh")
    }


def test_a_key_that_a_step_of_the_same_batch_changes_is_looked_up_anew(
    regular: Customer, now: datetime
) -> None:
    """When the batch begins Dora has no tag; the older automation gives it back to her."""
    ruled([tag("gold")], now, slug="tags")
    ruled(GIVE, now, slug="asks", thread={"again": "once_per_key", "entry_key": "customer.tags"})
    wave(regular, now, "first")
    run(now)
    Customer.objects.update(tags=[])

    wave(regular, now, "second")
    run(now)

    assert Enrolment.objects.get(automation__slug="asks").key == 'key:["gold"]'
    assert refusals() == ["Entered before."]


def test_who_entered_every_time_does_not_enter_a_version_that_says_once(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    ruled(GIVE, now)
    wave(regular, now, "before")
    run(now)
    ruled(GIVE, now, thread={"again": "once"})

    wave(regular, now, "after")
    run(now)

    assert balances(aurora_card) == {"points": 5}
    assert refusals() == ["Entered before."]


def test_nobody_enters_more_often_a_day_than_the_limit(
    regular: Customer, aurora_card: Card, now: datetime, settings: Any
) -> None:
    """The day is the business's: in New York the third of March ends at five in the morning UTC."""
    settings.MOST_ENTRIES_A_DAY = 2
    automation = ruled(GIVE, now)
    evening = datetime.fromisoformat("2026-03-04T04:50:00+00:00")

    for key in ("first", "second", "third"):
        wave(regular, evening, key)
    run(evening)
    wave(regular, evening, "tomorrow")
    run(evening + timedelta(minutes=10))

    assert balances(aurora_card) == {"points": 15}
    assert refusals() == ["Entered 2 times today, and more may not be."]
    assert automation.counters.total("daily") == 1


def test_a_cap_lets_in_so_many_for_ever(regular: Customer, now: datetime) -> None:
    automation = ruled([tag("early")], now, thread={"cap": 2})
    people = [person(now, external_id=f"p{number}") for number in range(4)]

    for number, customer in enumerate(people):
        wave(customer, now, f"wave {number}")
    run(now)

    assert Journey.objects.count() == 2
    assert refusals() == ["As many as may enter, 2, have entered."] * 2
    assert automation.counters.total("capped") == 2


def test_a_cap_counts_who_entered_before_there_was_one(regular: Customer, now: datetime) -> None:
    ruled([tag("early")], now)
    people = [person(now, external_id=f"p{number}") for number in range(3)]
    wave(people[0], now, "first")
    run(now)
    ruled([tag("early")], now, thread={"cap": 2})

    for customer in people[1:]:
        wave(customer, now, f"wave of {customer.pk}")
    run(now)

    assert Journey.objects.count() == 2
    assert len(refusals()) == 1


# --- Who is inside --------------------------------------------------------------------------------


def test_who_starts_anew_leaves_the_journey_that_was(regular: Customer, now: datetime) -> None:
    ruled(WAIT, now, thread={"if_inside": "restart"})
    wave(regular, now, "first")
    run(now)

    wave(regular, now, "second")
    wave(regular, now, "third")
    run(now + timedelta(hours=1))

    states = Journey.objects.order_by("pk").values_list("state", "note")
    assert list(states) == [
        ("stopped", "Started anew."),
        ("stopped", "Started anew."),
        ("waiting", ""),
    ]
    assert refusals() == []


def test_who_starts_anew_takes_the_branches_along(regular: Customer, now: datetime) -> None:
    branches = {"one": [{"key": "w1", "type": "wait", "for": "P1D"}], "two": [tag("two")]}
    ruled(
        [{"key": "p", "type": "parallel", "branches": branches}],
        now,
        thread={"if_inside": "restart"},
    )
    wave(regular, now, "first")
    run(now)

    wave(regular, now, "second")
    run(now + timedelta(hours=1))

    first = Journey.objects.filter(event__key="token:1:first")
    assert set(first.exclude(data={"branch": "two"}).values_list("state", flat=True)) == {"stopped"}
    assert Journey.objects.filter(state="waiting", parent=None).get().event.key == "token:1:second"
    assert Journey.objects.filter(state="waiting").exclude(parent=None).count() == 1


def test_side_by_side_means_several_journeys_at_once(regular: Customer, now: datetime) -> None:
    ruled(WAIT, now, thread={"if_inside": "parallel"})

    for key in ("first", "second"):
        wave(regular, now, key)
    run(now)

    assert Journey.objects.filter(state="waiting").count() == 2
