"""What a journey awaits is heard, whatever else goes wrong or stands in line around it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from automations import portable, publishing
from automations.engine import arriving
from automations.engine.trouble import Failure, Trouble
from automations.models import Automation, Journey
from automations.outcomes import Done
from automations.place import Place
from automations.steps.add_tag import AddTag
from automations.steps.condition import Condition
from automations.steps.wait_for_event import WaitForEvent
from loyalty import events
from loyalty.models import Customer, Event
from tests.automations.chains import history, run, tag, wave, working
from tests.automations.versions import document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]

FORK = {
    "key": "c",
    "type": "condition",
    "filter": ["customer.first_name", "=", "Dora"],
    "branches": {"yes": [], "no": []},
}


def waits(key: str, event: str, *then: dict[str, Any], otherwise: str = "no") -> dict[str, Any]:
    branches = {"happened": [*then], "timed_out": [{"key": f"{key}-no", **tag(otherwise)}]}
    return {
        "key": key,
        "type": "wait_for_event",
        "event": event,
        "timeout": "P1D",
        "branches": branches,
    }


def tell(customer: Customer, name: str, at: datetime) -> None:
    Event.objects.create(
        name=name,
        key=f"token:1:{name} {at}",
        shard=events.shard_of(customer.subject),
        customer=customer,
        cause="api:1",
        occurred_at=at,
        created_at=at,
    )


def enter(customer: Customer, now: datetime) -> Journey:
    wave(customer, now)
    run(now)
    return Journey.objects.get()


def test_a_step_that_fails_afterwards_does_not_make_it_unheard(
    regular: Customer, now: datetime
) -> None:
    working([waits("w", "nodded", FORK)], now)
    Condition.objects.update(filter={"what": "is this"})
    journey = enter(regular, now)
    later = now + timedelta(hours=1)

    tell(regular, "nodded", later)
    run(later)

    journey.refresh_from_db()
    assert history(journey) == [("w", "waiting"), ("w", "done"), ("c", "retried")]
    assert (journey.step_key, journey.due_at) == ("c", later + timedelta(seconds=10))


def test_two_that_an_older_version_awaits_are_both_heard_in_one_batch(
    regular: Customer, now: datetime
) -> None:
    """Nobody who enters now would listen to them."""
    working([waits("one", "nodded"), waits("two", "winked", {"key": "t", **tag("yes")})], now)
    journey = enter(regular, now)
    automation = portable.read(document({"key": "n", **tag("new")}), now=now)
    publishing.publish(automation, now=now)

    tell(regular, "nodded", now + timedelta(hours=1))
    tell(regular, "winked", now + timedelta(hours=2))
    run(now + timedelta(hours=2))

    journey.refresh_from_db()
    assert journey.state == "finished"
    regular.refresh_from_db()
    assert regular.tags == ["yes"]


def test_whoever_slipped_past_the_hold_is_held_when_it_happens(
    regular: Customer, now: datetime
) -> None:
    automation = working([waits("w", "nodded", {"key": "t", **tag("yes")})], now)
    journey = enter(regular, now)
    Automation.objects.filter(pk=automation.pk).update(mode="draft")
    later = now + timedelta(hours=1)

    tell(regular, "nodded", later)
    run(later)
    journey.refresh_from_db()
    regular.refresh_from_db()
    assert (journey.state, regular.tags) == ("held", [])
    publishing.publish(automation, now=later)
    run(later)

    regular.refresh_from_db()
    assert regular.tags == ["yes"]


def test_what_happened_in_time_counts_though_it_stands_in_a_long_line(
    regular: Customer, now: datetime, settings: Any
) -> None:
    """After an outage events and waits take turns; the wait must not overtake its event."""
    working([waits("w", "nodded", {"key": "t", **tag("yes")})], now)
    enter(regular, now)
    settings.BATCH_ROWS = 1
    for hour in range(1, 5):
        tell(regular, "shrugged", now + timedelta(hours=hour))
    tell(regular, "nodded", now + timedelta(hours=5))

    run(now + timedelta(days=2))

    regular.refresh_from_db()
    assert regular.tags == ["yes"]


def test_who_begins_a_step_anew_does_not_remember_what_happened_before(
    regular: Customer, now: datetime
) -> None:
    chain = [waits("w", "nodded", {"key": "t", **tag("yes")})]
    automation = working(chain, now)
    journey = enter(regular, now)
    publishing.pause(automation, now=now)
    later = now + timedelta(hours=1)
    tell(regular, "nodded", later)
    run(later)

    portable.read(document(*chain, {"key": "n", **tag("new")}), now=later)
    publishing.publish(automation, choices={"w": "restart"}, now=later)
    run(later)

    journey.refresh_from_db()
    assert (journey.step_key, journey.awaits) == ("w", "nodded")
    assert journey.due_at == later + timedelta(days=1)


def test_what_was_answered_while_it_was_held_is_not_asked_again(
    regular: Customer, now: datetime
) -> None:
    asks = {"filter": ["customer.first_name", "=", regular.first_name]}
    automation = working([waits("w", "nodded", {"key": "t", **tag("yes")}) | asks], now)
    enter(regular, now)
    publishing.pause(automation, now=now)
    later = now + timedelta(hours=1)
    tell(regular, "nodded", later)
    run(later)

    Customer.objects.filter(pk=regular.pk).update(first_name="Somebody else")
    publishing.publish(automation, now=later)
    run(later)

    regular.refresh_from_db()
    assert regular.tags == ["yes"]


def test_what_happened_is_kept_while_it_cannot_be_written(
    regular: Customer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    working([waits("w", "nodded", {"key": "t", **tag("yes")})], now)
    journey = enter(regular, now)
    later = now + timedelta(hours=1)
    tell(regular, "nodded", later)
    with monkeypatch.context() as broken:
        broken.setattr(AddTag, "run", lambda *_: Done(result={"what": object()}))
        run(later)

    journey.refresh_from_db()
    assert history(journey) == [("w", "waiting"), ("w", "retried")]
    assert (journey.step_key, journey.awaits) == ("w", "")
    assert journey.due_at == later + timedelta(seconds=10)
    run(later + timedelta(minutes=1))
    regular.refresh_from_db()
    assert regular.tags == ["yes"]


def test_an_answer_that_cannot_be_kept_harms_nobody_else(
    regular: Customer, alice: Customer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    working([waits("w", "nodded", {"key": "t", **tag("yes")})], now)
    for customer in (regular, alice):
        wave(customer, now, f"wave {customer.pk}")
    run(now)
    Journey.objects.update(shard=3)
    answer = WaitForEvent.happened

    def no_json(step: WaitForEvent, place: Place, event: Event) -> Done | None:
        is_hers = place.customer == regular
        return Done(result={"what": object()}) if is_hers else answer(step, place, event)

    monkeypatch.setattr(WaitForEvent, "happened", no_json)
    for hours, customer in enumerate((regular, alice), start=1):
        tell(customer, "nodded", now + timedelta(hours=hours))
    Event.objects.filter(name="nodded").update(shard=3)

    run(now + timedelta(hours=2))

    assert history(Journey.objects.get(customer=alice))[-1] == ("t", "done")
    assert history(Journey.objects.get(customer=regular))[-1] == ("w", "retried")


def test_who_killed_the_process_is_not_asked_again(
    regular: Customer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The canary named it too often."""
    working([waits("w", "nodded", {"key": "t", **tag("yes")})], now)
    journey = enter(regular, now)
    tell(regular, "nodded", now + timedelta(hours=1))
    asked = []
    monkeypatch.setattr(WaitForEvent, "happened", lambda *who: asked.append(who))
    shard = events.shard_of(regular.subject)
    trouble = Trouble()

    with transaction.atomic():
        for row in arriving.rows_of_first(shard, 0):
            trouble.parked[row] = Failure(-1, "It died.", is_final=True)
        arriving.arrive(shard, now + timedelta(hours=1), 1, 0, trouble, 1.0)

    assert not asked
    assert history(journey)[-1] == ("w", "retried")
