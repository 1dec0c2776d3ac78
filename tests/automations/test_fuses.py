"""Loops stop, and an automation whose steps keep failing becomes a Draft."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from automations import publishing
from automations.models import Automation, Decision, Journey, Pulse
from loyalty.models import Card, Customer
from tests.automations.chains import GIVE_FIVE, run, tag, wave
from tests.automations.ruled import BROKEN, break_it, refusals, ruled
from tests.cast import give, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]


# --- Loops ----------------------------------------------------------------------------------------


def test_two_automations_that_start_each_other_stop_in_less_than_a_second(
    regular: Customer, now: datetime
) -> None:
    there = ruled([tag("x")], now, slug="there")
    here = ruled(
        [{"key": "s", "type": "start_automation", "automation": "there"}], now, slug="here"
    )
    back = {"key": "s", "type": "start_automation", "automation": "here"}
    there = ruled([back], now, slug="there")
    wave(regular, now)

    began = time.monotonic()
    run(now)

    assert time.monotonic() - began < 1
    assert Journey.objects.count() == 2 * 8
    assert set(refusals()) == {"Loop: automations started each other 8 times."}
    assert here.counters.total("loops") + there.counters.total("loops") == 2


def test_two_automations_that_feed_each_other_by_balance_stop(
    regular: Customer, aurora_card: Card, now: datetime, settings: Any
) -> None:
    settings.DEEPEST_CAUSE = 5
    up = {"type": "points_count_reached", "params": {"count": 10}}
    take = {"key": "t", "type": "redeem", "program": "aurora", "amount": 10}
    put = {"key": "p", **GIVE_FIVE, "amount": 10}
    ruled([take], now, slug="takes", trigger=up)
    ruled([put], now, slug="puts", trigger=up)

    give(aurora_card, 10, "ten", now)
    run(now)

    assert "Loop: automations started each other 5 times." in refusals()
    assert Journey.objects.count() <= 2 * 5


# --- The breaker ----------------------------------------------------------------------------------


@pytest.fixture
def failing(now: datetime) -> Automation:
    """Who comes with bad news stands before a step that raises."""
    fork = {
        "key": "c",
        "type": "condition",
        "filter": ["event.bad", "=", True],
        "branches": {"yes": [BROKEN]},
    }
    automation = ruled([fork], now)
    break_it()
    return automation


def crowd(now: datetime, good: int, bad: int, stem: str = "") -> None:
    for number in range(good + bad):
        customer = person(now, external_id=f"p{stem}{number}")
        wave(customer, now, f"wave {stem}{number}", bad=number < bad)


def test_an_automation_whose_steps_keep_failing_becomes_a_draft(
    failing: Automation, now: datetime
) -> None:
    crowd(now, good=20, bad=20)

    run(now)

    failing.refresh_from_db()
    assert failing.mode == "draft"
    assert failing.draft_note.startswith("In the last hour a step failed for 20 of the ")
    assert failing.counters.total("breaker") == 1
    assert set(Journey.objects.filter(ended_at=None).values_list("state", flat=True)) == {"held"}


@pytest.mark.parametrize(("good", "bad"), [(0, 19), (21, 20)])
def test_it_needs_many_failures_and_half_of_what_moved(
    failing: Automation, now: datetime, good: int, bad: int
) -> None:
    crowd(now, good=good, bad=0, stem="good")
    run(now)
    crowd(now, good=0, bad=bad)

    run(now)

    failing.refresh_from_db()
    assert failing.mode == "working"


def test_who_is_tried_again_in_vain_counts_once(failing: Automation, now: datetime) -> None:
    crowd(now, good=0, bad=10)
    for minutes in (0, 1, 3, 20):
        run(now + timedelta(minutes=minutes))
    failing.refresh_from_db()
    assert failing.mode == "working"

    crowd(now, good=0, bad=10, stem="more")
    run(now + timedelta(minutes=30))

    failing.refresh_from_db()
    assert failing.mode == "draft"
    note = "In the last hour a step failed for 20 of the 20 journeys that moved."
    assert failing.draft_note == note


def test_what_failed_more_than_an_hour_ago_is_forgotten(failing: Automation, now: datetime) -> None:
    crowd(now, good=0, bad=15)
    run(now)
    Journey.objects.update(state="stopped", due_at=None)

    later = now + timedelta(minutes=66)
    crowd(later, good=0, bad=15, stem="later")
    run(later)

    failing.refresh_from_db()
    assert failing.mode == "working"


def test_published_again_it_starts_with_a_new_fuse(failing: Automation, now: datetime) -> None:
    crowd(now, good=0, bad=20)
    run(now)
    assert not Pulse.objects.exists()
    failing.refresh_from_db()

    publishing.publish(failing, now=now)
    crowd(now, good=0, bad=1, stem="again")
    run(now)

    failing.refresh_from_db()
    assert (failing.mode, failing.draft_note) == ("working", "")
    assert Decision.objects.filter(verdict="refused").count() == 0


def test_published_again_and_not_mended_it_blows_for_the_same_people(
    failing: Automation, now: datetime
) -> None:
    crowd(now, good=0, bad=20)
    run(now)
    later = now + timedelta(minutes=5)
    publishing.publish(failing, now=later)

    run(later)

    failing.refresh_from_db()
    assert failing.mode == "draft"
    assert set(Journey.objects.values_list("state", flat=True)) == {"held"}


def test_what_is_too_old_to_count_is_thrown_away(regular: Customer, now: datetime) -> None:
    ruled([tag("x")], now)
    for hours in (0, 3):
        at = now + timedelta(hours=hours, minutes=37)
        wave(regular, at, f"after {hours}")
        run(at)

    assert [(pulse.moved, pulse.failed) for pulse in Pulse.objects.all()] == [(1, 0)]
