"""A journey that waits for something to happen to its customer, moved by the real engine."""

from datetime import timedelta

import pytest

from automations import publishing
from automations.models import Journey
from automations.models.journey import JourneyState
from loyalty import events
from loyalty.models import Event
from tests.automations.chains import outcomes, run, runs, tag, wave, working
from tests.cast import BY_STAFF, give


def waits(event="nodded", timeout="P1D", **more):
    return {
        "type": "wait_for_event",
        "event": event,
        "timeout": timeout,
        "branches": {"happened": [tag("yes")], "timed_out": [tag("no")]},
        **more,
    }


def tell(customer, name, now, occurred_at=None, **data):
    Event.objects.create(
        name=name,
        key=f"token:1:{name} {now} {data}",
        shard=events.shard_of(customer.subject),
        customer=customer,
        data=data,
        cause="api:1",
        occurred_at=occurred_at or now,
        created_at=now,
    )


def enter(customer, now, *steps):
    working([*steps, tag("after")], now)
    wave(customer, now)
    run(now)
    return Journey.objects.get()


def tags(customer):
    customer.refresh_from_db()
    return customer.tags


def test_it_happens_in_time(shop, dora, now):
    journey = enter(dora, now, waits())
    assert (journey.awaits, journey.due_at) == ("nodded", now + timedelta(days=1))

    tell(dora, "nodded", now + timedelta(hours=3))
    run(now + timedelta(hours=3))

    assert tags(dora) == ["yes", "after"]
    assert runs(journey)[:2] == [
        ("waiting", "Until 2026-03-04 05:00 EST, or: “nodded”"),
        ("done", "It happened: “nodded”"),
    ]
    run(now + timedelta(days=2))
    assert tags(dora) == ["yes", "after"]


def test_time_runs_out_at_the_moment_and_not_before(shop, dora, now):
    journey = enter(dora, now, waits())

    run(now + timedelta(days=1, seconds=-1))
    assert tags(dora) == []
    run(now + timedelta(days=1))

    assert tags(dora) == ["no", "after"]
    assert runs(journey)[1] == ("done", "The time is over.")


def test_the_timeout_is_counted_on_the_customers_calendar(shop, dora, now):
    journey = enter(dora, now, waits(timeout="P7D"))

    # The clocks go forward there on 8 March.
    assert journey.due_at == now + timedelta(days=7, hours=-1)


def test_what_happens_after_the_time_is_over_does_not_count_though_nobody_was_woken(
    shop, dora, now
):
    enter(dora, now, waits())

    tell(dora, "nodded", now + timedelta(days=1, minutes=5))
    run(now + timedelta(days=1, minutes=10))

    assert tags(dora) == ["no", "after"]


def test_what_happened_in_time_counts_though_everything_stood_still(shop, dora, now):
    enter(dora, now, waits())

    tell(dora, "nodded", now + timedelta(hours=23))
    run(now + timedelta(days=2))

    assert tags(dora) == ["yes", "after"]


def test_the_filter_asks_about_the_event_that_came(shop, dora, now):
    enter(dora, now, waits(filter=["event.size", ">=", 3]))

    tell(dora, "nodded", now + timedelta(hours=1), size=2)
    run(now + timedelta(hours=1))
    assert tags(dora) == []
    tell(dora, "nodded", now + timedelta(hours=2), size=3)
    run(now + timedelta(hours=2))

    assert tags(dora) == ["yes", "after"]


def test_the_filter_sees_the_customer_as_they_are_then(shop, dora, aurora_card, now):
    enter(dora, now, waits("balance_changed", filter=["cards.aurora.points", ">=", 100]))

    give(aurora_card, 40, "forty", now + timedelta(hours=1))
    run(now + timedelta(hours=1))
    assert tags(dora) == []
    give(aurora_card, 60, "sixty", now + timedelta(hours=2))
    run(now + timedelta(hours=2))

    assert tags(dora) == ["yes", "after"]


def test_somebody_elses_event_wakes_nobody(shop, dora, bob, now):
    enter(dora, now, waits())

    tell(bob, "nodded", now + timedelta(hours=1))
    tell(dora, "shrugged", now + timedelta(hours=1))
    run(now + timedelta(hours=1))

    assert tags(dora) == []


def test_what_happened_before_the_wait_does_not_count(shop, dora, now):
    tell(dora, "nodded", now - timedelta(seconds=1))

    enter(dora, now, waits())

    assert tags(dora) == []


def test_afterwards_the_chain_goes_by_what_started_it(shop, dora, now):
    after = {
        "type": "condition",
        "filter": ["event.size", "=", 1],
        "branches": {"yes": [tag("by the wave")], "no": [tag("by the nod")]},
    }
    working([waits(), after], now)
    wave(dora, now, size=1)
    run(now)

    tell(dora, "nodded", now + timedelta(hours=1), size=2)
    run(now + timedelta(hours=1))

    assert tags(dora) == ["yes", "by the wave"]


def test_two_of_them_in_a_row_need_two_events(shop, dora, now):
    enter(dora, now, {**waits(), "key": "one"}, {**waits(), "key": "two"})

    tell(dora, "nodded", now + timedelta(hours=1), n=1)
    run(now + timedelta(hours=1))
    journey = Journey.objects.get()
    assert (journey.state, journey.step_key) == (JourneyState.WAITING, "two")
    tell(dora, "nodded", now + timedelta(hours=2), n=2)
    run(now + timedelta(hours=2))

    assert tags(dora) == ["yes", "after"]
    assert [kind for kind, _outcome in outcomes(journey)].count("wait_for_event") == 4


def test_a_scan_at_the_counter_is_an_event_to_wait_for(shop, dora, coffee_card, now):
    enter(dora, now, waits("card_scanned"))
    later = now + timedelta(hours=1)

    events.emit(
        events.CardScanned(),
        key="scan",
        customer_id=dora.pk,
        card_id=coffee_card.pk,
        cause=BY_STAFF,
        now=later,
    )
    run(later)

    assert tags(dora) == ["yes", "after"]


@pytest.mark.parametrize("hours", [1, 30])
def test_who_is_held_hears_of_it_when_the_automation_works_again(shop, dora, now, hours):
    journey = enter(dora, now, waits())
    automation = journey.automation
    publishing.pause(automation, now=now)

    tell(dora, "nodded", now + timedelta(hours=hours))
    run(now + timedelta(hours=hours))
    assert tags(dora) == []
    publishing.publish(automation, now=now + timedelta(days=3))
    run(now + timedelta(days=3))

    assert tags(dora) == (["yes", "after"] if hours < 24 else ["no", "after"])
