"""A batch that takes too long lets its people go on in a later one; they lose nothing by it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from automations.engine import batch, pump
from automations.models import Journey
from loyalty import customers
from loyalty.models import Customer
from tests.automations.chains import history, run, runs, tag, wave, working
from tests.cast import BY_STAFF

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]

BIRTHDAY = {"key": "b", "type": "wait_until", "field": "customer.birthday"}
# 09:00 in New York.
NINE = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(batch, "LONGEST_WALK", 0)
    settings.BATCH_SECONDS = 0


def wake(journey: Journey, at: datetime, times: int) -> None:
    """By that many batches."""
    for _time in range(times):
        pump.pump(journey.shard, now=at, budget=0)
        at += timedelta(seconds=1)
    journey.refresh_from_db()


def enter(customer: Customer, now: datetime, *steps: dict[str, Any]) -> Journey:
    working([*steps, {"key": "t", **tag("on")}], now)
    wave(customer, now)
    run(now)
    return Journey.objects.get()


def test_whoever_is_too_late_is_so_in_a_batch_that_is_in_a_hurry(
    regular: Customer, now: datetime, in_a_hurry: None
) -> None:
    late = {"after": "PT2H", "then": "exit"}
    journey = enter(regular, now, {"key": "w", "type": "wait", "for": "PT1H", "late": late})

    wake(journey, now + timedelta(hours=4), times=3)

    assert runs(journey)[1:] == [("done", "Left: 3 hours late.")]


def test_a_birthday_is_not_put_off_for_a_year_by_a_batch_that_is_in_a_hurry(
    business: object, regular: Customer, now: datetime, in_a_hurry: None
) -> None:
    customers.change(regular, {"birthday": date(1990, 3, 4)}, cause=BY_STAFF, now=now)
    journey = enter(regular, now, BIRTHDAY)
    assert journey.due_at == NINE

    wake(journey, NINE, times=3)

    assert history(journey) == [("b", "waiting"), ("b", "done"), ("t", "done")]


def test_a_birthday_is_kept_by_whoever_moved_east_meanwhile(
    business: object, regular: Customer, now: datetime
) -> None:
    """Where they live now it was nine o'clock half a day ago, when nobody knew of it."""
    customers.change(regular, {"birthday": date(1990, 3, 4)}, cause=BY_STAFF, now=now)
    journey = enter(regular, now, BIRTHDAY)
    customers.change(regular, {"time_zone": "Asia/Tokyo"}, cause=BY_STAFF, now=now)

    run(NINE)

    assert history(journey) == [("b", "waiting"), ("b", "done"), ("t", "done")]
