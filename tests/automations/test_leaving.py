"""A goal or an exit rule ends a journey by an event, before that event does anything else."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from automations import publishing
from automations.models import Journey, StepRun
from loyalty import events
from loyalty.models import Customer, Event
from tests.automations.chains import WAVED, run, tag, wave
from tests.automations.ruled import refusals, ruled
from tests.cast import BY_STAFF

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]

WAIT: list[dict[str, Any]] = [{"key": "w", "type": "wait", "for": "P1D"}, tag("waited")]
PAID = {"event": "order_paid"}


def paid(customer: Customer, now: datetime, key: str = "paid", total_cents: int = 900) -> None:
    fact = events.OrderPaid(
        order_id=0, key=key, platform="web", status="paid", currency="USD", subtotal_cents=0,
        tax_cents=0, total_cents=total_cents, refunded_cents=0, net_cents=total_cents,
    )  # fmt: skip
    events.emit(fact, key=key, customer_id=customer.pk, cause=BY_STAFF, now=now)


def ends() -> list[tuple[str, str]]:
    return list(Journey.objects.order_by("pk").values_list("state", "note"))


def test_who_reaches_the_goal_leaves_and_is_counted(regular: Customer, now: datetime) -> None:
    automation = ruled(WAIT, now, version={"goal": PAID})
    wave(regular, now)
    run(now)

    paid(regular, now)
    run(now)
    run(now + timedelta(days=2))

    assert ends() == [("finished", "Goal reached: Order paid")]
    assert StepRun.objects.latest("pk").note == "Goal reached: Order paid"
    assert [automation.counters.total(name) for name in ("converted", "left", "finished")] == [
        *(1, 0, 1)
    ]
    regular.refresh_from_db()
    assert regular.tags == []


def test_an_exit_rule_is_no_success(regular: Customer, now: datetime) -> None:
    gone = {"event": "waved", "filter": ["event.goodbye", "=", True]}
    automation = ruled(WAIT, now, version={"exits": [gone]})
    wave(regular, now, "hello")
    run(now)

    wave(regular, now, "again", goodbye=False)
    run(now)
    assert ends() == [("waiting", "")]
    wave(regular, now, "bye", goodbye=True)
    run(now)

    assert ends()[0] == ("finished", "Left: “waved”")
    assert [automation.counters.total(name) for name in ("converted", "left")] == [0, 1]


def test_the_goal_asks_what_the_event_says(regular: Customer, now: datetime) -> None:
    large = {"event": "order_paid", "filter": ["event.total_cents", ">=", 5_000]}
    ruled(WAIT, now, version={"goal": large})
    wave(regular, now)
    run(now)

    paid(regular, now, "small", 900)
    run(now)
    assert ends() == [("waiting", "")]
    paid(regular, now, "large", 9_000)
    run(now)

    assert ends() == [("finished", "Goal reached: Order paid")]


def test_of_two_events_in_one_batch_the_first_enters_and_the_second_ends_it(
    regular: Customer, now: datetime
) -> None:
    ruled(WAIT, now, version={"goal": PAID})

    wave(regular, now)
    paid(regular, now)
    run(now)

    assert ends() == [("finished", "Goal reached: Order paid")]


def test_an_event_from_before_somebody_entered_is_no_goal(regular: Customer, now: datetime) -> None:
    ruled(WAIT, now, version={"goal": PAID})

    paid(regular, now)
    wave(regular, now)
    run(now)

    assert ends() == [("waiting", "")]


def test_who_leaves_by_an_event_may_enter_again_by_the_same(
    regular: Customer, now: datetime
) -> None:
    """The seat is free before the event may start anything."""
    ruled(WAIT, now, version={"goal": {"event": "waved"}})

    for key in ("first", "second"):
        wave(regular, now, key)
        run(now)

    assert ends() == [("finished", "Goal reached: “waved”"), ("waiting", "")]
    assert refusals() == []


def test_the_goal_comes_before_a_wait_for_the_same_event(regular: Customer, now: datetime) -> None:
    waiting = {
        "key": "w",
        "type": "wait_for_event",
        "event": "order_paid",
        "timeout": "P1D",
        "branches": {"happened": [tag("happened")], "timed_out": [tag("late")]},
    }
    ruled([waiting], now, version={"goal": PAID})
    wave(regular, now)
    run(now)

    paid(regular, now)
    run(now)

    assert ends() == [("finished", "Goal reached: Order paid")]
    regular.refresh_from_db()
    assert regular.tags == []


def test_branches_end_with_their_journey(regular: Customer, now: datetime) -> None:
    branches = {"one": WAIT, "two": [{"key": "w2", "type": "wait", "for": "P3D"}]}
    automation = ruled(
        [{"key": "p", "type": "parallel", "branches": branches}, tag("after")],
        now,
        version={"goal": PAID},
    )
    wave(regular, now)
    run(now)

    paid(regular, now)
    run(now)
    run(now + timedelta(days=5))

    assert {state for state, _note in ends()} == {"finished"}
    assert len(ends()) == 3
    assert automation.counters.total("converted") == 1
    assert not StepRun.objects.filter(type="add_tag").exists()


def test_a_branch_made_in_the_batch_of_the_goal_ends_too(regular: Customer, now: datetime) -> None:
    branches = {"one": WAIT, "two": [{"key": "w2", "type": "wait", "for": "P3D"}]}
    ruled(
        [{"key": "p", "type": "parallel", "branches": branches}, tag("after")],
        now,
        version={"goal": PAID},
    )

    wave(regular, now)
    paid(regular, now)
    run(now)
    run(now + timedelta(days=5))

    assert not Journey.objects.filter(state="waiting").exists()
    assert not StepRun.objects.filter(type="add_tag").exists()


def test_each_journey_leaves_by_the_rules_of_its_own_version(
    regular: Customer, now: datetime
) -> None:
    ruled(WAIT, now, version={"goal": PAID})
    wave(regular, now)
    run(now)
    ruled(WAIT, now, version={"goal": {"event": "customer_updated"}})

    paid(regular, now)
    run(now)

    assert ends() == [("finished", "Goal reached: Order paid")]


def test_who_is_held_leaves_as_well(regular: Customer, now: datetime) -> None:
    automation = ruled(WAIT, now, version={"goal": PAID})
    wave(regular, now)
    run(now)
    publishing.pause(automation, now=now)

    paid(regular, now)
    run(now)

    assert ends() == [("finished", "Goal reached: Order paid")]


def test_others_are_left_alone(regular: Customer, bob: Customer, now: datetime) -> None:
    ruled(WAIT, now, version={"goal": PAID})
    ruled(WAIT, now, slug="other", trigger=WAVED)
    for customer in (regular, bob):
        wave(customer, now, f"wave of {customer.pk}")
    run(now)

    paid(regular, now)
    run(now)

    left = Journey.objects.get(state="finished")
    assert (left.customer, left.automation.slug) == (regular, "ruled")
    assert Event.objects.filter(entered_at=None).count() == 0
