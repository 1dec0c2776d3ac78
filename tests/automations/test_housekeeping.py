"""What is too old goes in small parts, who is inside keeps all, and every sum stays."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from automations.editor import listing
from automations.engine import housekeeping
from automations.models import (
    Automation,
    Counter,
    Decision,
    Enrolment,
    Journey,
    Quota,
    StepRun,
    Sweep,
)
from config.draining import drain
from loyalty.models import Customer, Event
from tests.automations import chains

pytestmark = pytest.mark.django_db

YEARS = timedelta(days=900)
WAIT = {"key": "wait", "type": "wait", "for": "P1D"}
LONG_WAIT = {"key": "wait", "type": "wait", "for": "P1000D"}


def tidy(now: datetime) -> int:
    """All chores until none is due; says how many rows they looked at."""
    looked_at = 0
    while due := housekeeping.due(now):
        looked_at += sum(housekeeping.keep(ring, now=now) for ring in due)
    return looked_at


@pytest.fixture
def ended(regular: Customer, now: datetime) -> Journey:
    """Somebody who waved, waited for a day and was given points."""
    chains.working([WAIT, chains.GIVE_FIVE], now)
    chains.wave(regular, now)
    chains.run(now)
    chains.run(now + timedelta(days=1))
    return Journey.objects.get(state="finished")


def totals() -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for row in Counter.objects.all():
        found[row.step_key, row.metric] = found.get((row.step_key, row.metric), 0) + row.n
    return found


def test_nothing_is_due_while_everything_is_young(ended: Journey, now: datetime) -> None:
    assert housekeeping.due(now + timedelta(days=59)) == []


def test_history_goes_and_the_journey_stays(ended: Journey, now: datetime) -> None:
    assert ended.step_runs.count() == 3

    tidy(now + timedelta(days=400))
    assert (ended.step_runs.count(), Decision.objects.count()) == (3, 1)
    tidy(now + timedelta(days=402))

    assert (ended.step_runs.count(), Decision.objects.count()) == (0, 0)
    assert Journey.objects.get() == ended


def test_a_journey_goes_when_its_time_is_over(ended: Journey, now: datetime) -> None:
    before = totals()
    tidy(now + timedelta(days=800))
    assert Journey.objects.exists()

    tidy(now + timedelta(days=802))

    assert not Journey.objects.exists()
    assert totals() == before
    assert (Enrolment.objects.count(), Event.objects.filter(name="waved").count()) == (1, 1)


def test_pages_say_what_is_gone_and_still_count_it(
    ended: Journey, now: datetime, admin_client: Client
) -> None:
    tidy(now + timedelta(days=500))
    page = admin_client.get(reverse("admin:automations_journey_change", args=[ended.pk]))
    assert "What it did is no longer kept." in page.text

    tidy(now + YEARS)
    people = reverse("admin:automations_automation_people", args=[ended.automation_id])
    assert admin_client.get(people).context["launched"] == 1
    [row] = listing.rows(listing.with_numbers(Automation.objects.all()))
    assert (row.launches, row.inside) == (1, 0)


def test_who_has_entered_once_does_not_enter_again(regular: Customer, now: datetime) -> None:
    chains.working([{"key": "x", "type": "exit"}], now, entry={"again": "once"})
    chains.wave(regular, now)
    chains.run(now)
    tidy(now + YEARS)
    assert not Journey.objects.exists()

    chains.wave(regular, now + YEARS, key="again")
    chains.run(now + YEARS)

    assert not Journey.objects.exists()
    assert Decision.objects.get().verdict == "refused"


def test_who_is_inside_keeps_it_all(regular: Customer, now: datetime) -> None:
    chains.working([chains.GIVE_FIVE, LONG_WAIT, chains.GIVE_FIVE], now)
    chains.wave(regular, now)
    chains.run(now)
    journey = Journey.objects.get()
    did = chains.history(journey)

    tidy(now + YEARS)

    assert chains.history(journey) == did != []
    assert Decision.objects.get().event == journey.event
    later = now + timedelta(days=1001)
    chains.run(later)
    tidy(later + YEARS)
    assert (Journey.objects.count(), StepRun.objects.count(), Decision.objects.count()) == (0, 0, 0)


def test_a_branch_that_ended_is_kept_with_the_one_it_belongs_to(
    regular: Customer, now: datetime
) -> None:
    fork = {
        "key": "both",
        "type": "parallel",
        "branches": {"now": [chains.GIVE_FIVE], "later": [LONG_WAIT]},
    }
    chains.working([fork], now)
    chains.wave(regular, now)
    chains.run(now)
    branch = Journey.objects.get(state="finished")

    tidy(now + YEARS)
    assert branch.step_runs.exists()
    chains.run(now + timedelta(days=1001))
    assert not Journey.objects.exclude(state="finished").exists()
    tidy(now + timedelta(days=1001) + YEARS)

    assert (Journey.objects.count(), StepRun.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("history", "journeys", "left"),
    [
        (0, 0, (1, 3)),
        (0, 100, (1, 3)),
        (100, 0, (1, 0)),
        (800, 10, (0, 0)),
        (1000, 10, (1, 3)),
    ],
)
def test_it_is_kept_as_long_as_the_settings_say(
    history: int, journeys: int, left: tuple[int, int], ended: Journey, now: datetime, settings: Any
) -> None:
    settings.KEEP_HISTORY_DAYS, settings.KEEP_JOURNEYS_DAYS = history, journeys

    tidy(now + YEARS)

    assert (Journey.objects.count(), StepRun.objects.count()) == left


# --- Numbers --------------------------------------------------------------------------------------


def counted(ended: Journey, day: datetime, shard: int, n: int) -> None:
    Counter.objects.create(
        automation=ended.automation, metric="launched", day=day.date(), shard=shard, n=n
    )


def test_counters_are_put_together_to_the_same_sums(ended: Journey, now: datetime) -> None:
    Counter.objects.all().delete()
    for days in range(100):
        for shard in range(16):
            counted(ended, now + timedelta(days=days), shard, days * shard)
    before = by_day()

    tidy(now + timedelta(days=100))

    assert by_day() == before
    assert Counter.objects.filter(shard__gt=0).count() == 59 * 15  # of the latest days
    assert Counter.objects.filter(shard=0).count() == 100
    assert Counter.objects.total("launched") == sum(before.values()) == 120 * 4950


def by_day() -> dict[Any, int]:
    found: dict[Any, int] = {}
    for row in Counter.objects.all():
        found[row.day] = found.get(row.day, 0) + row.n
    return found


def test_quotas_of_past_days_go_and_those_for_ever_stay(ended: Journey, now: datetime) -> None:
    ever = datetime(1970, 1, 1, tzinfo=now.tzinfo)
    for kind, period in (("entries", ever), ("points", now), ("points", now + timedelta(days=9))):
        Quota.objects.create(automation=ended.automation, kind=kind, period=period, used=3)

    tidy(now + timedelta(days=10))

    assert list(Quota.objects.order_by("period").values_list("kind", "used")) == [
        ("entries", 3),
        ("points", 3),
    ]


# --- In small parts -------------------------------------------------------------------------------


def copies(ended: Journey, n: int) -> None:
    one = StepRun.objects.filter(journey=ended).first()
    assert one
    StepRun.objects.bulk_create(
        StepRun(journey=ended, moves=9, step_key="copy", outcome="done", at=one.at)
        for _copy in range(n)
    )


def test_a_transaction_looks_at_so_many_rows(
    ended: Journey, now: datetime, monkeypatch: Any
) -> None:
    copies(ended, 100)
    monkeypatch.setattr(housekeeping, "CHUNK", 25)
    [ring] = housekeeping.due(now + YEARS)

    with CaptureQueriesContext(connection) as asked:
        handled = housekeeping.keep(ring, now=now + YEARS, budget=0)

    assert (handled, StepRun.objects.count()) == (25, 78)
    assert len(asked) <= 12
    assert Sweep.objects.get().place == StepRun.objects.order_by("pk").values_list("pk")[0][0] - 1
    assert housekeeping.due(now + YEARS) == [ring]


def test_it_goes_on_where_it_left_off(ended: Journey, now: datetime, monkeypatch: Any) -> None:
    copies(ended, 100)
    ended.state, ended.ended_at = "waiting", None
    ended.save()
    monkeypatch.setattr(housekeeping, "CHUNK", 25)
    [ring] = housekeeping.due(now + YEARS)

    places = []
    while not (sweep := Sweep.objects.filter(again_at__isnull=False).first()):
        housekeeping.keep(ring, now=now + YEARS, budget=0)
        places.append(Sweep.objects.get().place)

    assert places == [*sorted(places[:-1]), 0]
    assert len(places) == 6
    assert sweep.again_at == now + YEARS + timedelta(days=1)
    assert StepRun.objects.count() == 103


def test_a_rest_that_was_told_of_a_time_to_come_does_not_last(
    ended: Journey, now: datetime
) -> None:
    tidy(now + 2 * YEARS)
    chains.working([LONG_WAIT], now, slug="other")
    chains.wave(Customer.objects.get(), now, key="another")
    chains.run(now)

    assert len(housekeeping.due(now + timedelta(days=402))) == 1


@pytest.mark.django_db(transaction=True)
def test_draining_ends_although_somebody_inside_keeps_old_rows(
    regular: Customer, now: datetime
) -> None:
    chains.working([LONG_WAIT], now)
    chains.wave(regular, now)
    chains.run(now)

    drained = drain(now + YEARS)

    assert drained.left == []
    assert drained.handled["automations.engine.housekeeping.keep"] > 0
    assert StepRun.objects.exists()
    assert drain(now + YEARS).handled == {}
