"""What an automation may give and say in a day; each hit is written down and counted."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from automations.engine import limits
from automations.models import Journey, Quota, StepRun
from automations.place import POINTS
from loyalty.models import Card, Customer
from messaging.models import Message
from tests.automations.chains import GIVE_FIVE, run, runs, tag, wave
from tests.automations.ruled import BROKEN, break_it, ruled
from tests.cast import balances, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]

GIVE: list[dict[str, Any]] = [{"key": "a", **GIVE_FIVE}, tag("went on")]
MAIL: list[dict[str, Any]] = [
    {"key": "m", "type": "send_email", "subject": "Hello", "body": "Hello"},
    tag("went on"),
]


def test_points_beyond_the_budget_of_a_day_are_not_given(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    automation = ruled(GIVE, now, budget={"most_points_a_day": 12})

    for key in ("first", "second", "third"):
        wave(regular, now, key)
    run(now)

    assert balances(aurora_card) == {"points": 10}
    assert runs(Journey.objects.latest("pk"))[0] == (
        "skipped",
        "Of the 12 points it may give a day, 2 are left.",
    )
    assert Journey.objects.latest("pk").state == "finished"
    assert automation.counters.total("budget") == 1


def test_the_next_day_of_the_business_has_a_budget_of_its_own(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    """In New York it is midnight at five."""
    ruled(GIVE, now, budget={"most_points_a_day": 5})
    midnight = datetime.fromisoformat("2026-03-04T05:00:00+00:00")

    for minutes in (-10, -5, 0, 5):
        wave(regular, now, f"at {minutes}")
        run(midnight + timedelta(minutes=minutes))

    assert balances(aurora_card) == {"points": 10}
    assert list(Quota.objects.order_by("period").values_list("period", "used")) == [
        (midnight - timedelta(days=1), 5),
        (midnight, 5),
    ]


def test_what_the_ledger_refuses_costs_no_budget(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    aurora_card.expires_at = now - timedelta(days=1)
    Card.objects.update(expires_at=aurora_card.expires_at)
    ruled(GIVE, now, budget={"most_points_a_day": 5})

    wave(regular, now)
    run(now)

    assert Quota.objects.get().used == 0


def test_messages_beyond_the_budget_of_a_day_are_not_sent(now: datetime) -> None:
    automation = ruled(MAIL, now, budget={"most_messages_a_day": 2})
    people = [person(now, email=f"p{number}@example.com") for number in range(3)]

    for customer in people:
        wave(customer, now, f"wave of {customer.pk}")
    run(now)

    assert Message.objects.count() == 2
    skipped = StepRun.objects.get(step_key="m", outcome="skipped")
    assert skipped.note == "It may send 2 messages a day, and has."
    assert automation.counters.total("budget") == 1


def test_a_budget_holds_for_who_wakes_as_well(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    wait = {"key": "w", "type": "wait", "for": "PT1H"}
    ruled([wait, *GIVE], now, budget={"most_points_a_day": 4})
    wave(regular, now)
    run(now)

    run(now + timedelta(hours=1))

    assert balances(aurora_card) == {"points": 0}


def test_a_batch_that_is_undone_gives_its_budget_back(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    """The step after the points raises; the batch is walked again around it."""
    ruled([*GIVE[:1], BROKEN], now, budget={"most_points_a_day": 5})
    break_it()
    wave(regular, now)

    run(now)

    assert balances(aurora_card) == {"points": 5}
    assert Quota.objects.get().used == 5


def test_a_quota_that_somebody_else_has_made_is_taken_as_it_is(
    regular: Customer, now: datetime
) -> None:
    automation = ruled(GIVE, now)
    limit = limits.Limit(automation.pk, "", POINTS, now, 10)
    Quota.objects.create(automation=automation, kind=POINTS, period=now, used=7)

    assert limits.lock({limit}).left(automation.pk, POINTS) == 3


def test_a_cap_that_was_gone_for_a_while_counts_who_entered_meanwhile(
    regular: Customer, now: datetime
) -> None:
    people = [person(now, external_id=f"p{number}") for number in range(4)]
    for cap, customer in zip((3, None, 3, 3), people, strict=True):
        ruled([tag("in")], now, thread={"cap": cap})
        wave(customer, now, f"wave of {customer.pk}")
        run(now)

    assert Journey.objects.count() == 3
