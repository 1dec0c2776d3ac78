"""When and from where people enter, and how one automation sends them to another."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from automations import publishing
from automations.models import Decision, Journey
from loyalty import counter, events, orders
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.models import Card, Customer, Event, Location
from loyalty.orders import OrderData
from tests.automations.chains import GIVE_FIVE, run, tag, wave
from tests.automations.ruled import refusals, ruled
from tests.cast import BY_STAFF, balances

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]

GIVE: list[dict[str, Any]] = [{"key": "a", **GIVE_FIVE}]


@pytest.mark.parametrize(
    ("hours", "reason"),
    [
        (-1, "It lets nobody in before 2026-03-03 05:00."),
        (0, ""),
        (23, ""),
        (24, "It lets nobody in after 2026-03-04 05:00."),
    ],
)
def test_entries_are_let_in_between_two_moments(
    regular: Customer, now: datetime, hours: int, reason: str
) -> None:
    """By when it happened, not by when the engine came to look; said on the shop's clock."""
    ruled([tag("in")], now, version={"starts_at": now, "ends_at": now + timedelta(days=1)})

    wave(regular, now + timedelta(hours=hours))
    run(now + timedelta(hours=30))

    assert refusals() == ([reason] if reason else [])


@pytest.mark.parametrize(("platform", "enters"), [("shopify", True), ("web", False)])
def test_orders_of_other_platforms_start_nothing(
    regular: Customer,
    now: datetime,
    platform: str,
    enters: bool,
) -> None:
    ruled([tag("buyer")], now, version={"platforms": ["shopify"]}, trigger={"type": "order_paid"})
    data = OrderData(
        key="7",
        status="paid",
        customer=Who(id=regular.pk),
        total_cents=900,
        currency="USD",
        platform=platform,
    )

    orders.record(data, cause=Cause("webhook:1"), now=now)
    run(now)

    assert Journey.objects.exists() is enters
    assert refusals() == ([] if enters else ["Not from one of its platforms."])


def test_what_happens_elsewhere_starts_nothing(
    regular: Customer,
    aurora_card: Card,
    location: Location,
    now: datetime,
) -> None:
    ruled(
        [tag("harbour")], now, version={"locations": [location]}, trigger={"type": "card_scanned"}
    )

    counter.scan(aurora_card.code, by=counter.By("token:1", BY_STAFF), now=now)
    here = counter.By("token:2", BY_STAFF, location_id=location.pk)
    counter.scan(aurora_card.code, by=here, now=now)
    run(now)

    assert Journey.objects.get().event.location == location
    assert refusals() == ["It did not happen at one of its locations."]


# --- Sent by another automation -------------------------------------------------------------------


def test_another_automation_sends_people_past_triggers_but_not_past_entry_rules(
    regular: Customer,
    aurora_card: Card,
    location: Location,
    now: datetime,
) -> None:
    """Nobody asks from which location or platform whoever is sent comes."""
    ruled(
        GIVE,
        now,
        slug="target",
        thread={"again": "once"},
        version={"locations": [location], "platforms": ["shopify"]},
        trigger={"type": "order_paid"},
    )
    ruled([{"key": "s", "type": "start_automation", "automation": "target"}], now, slug="source")

    for key in ("first", "second"):
        wave(regular, now, key)
    run(now)

    assert balances(aurora_card) == {"points": 5}
    assert Journey.objects.filter(automation__slug="target").count() == 1
    assert refusals() == ["Entered before."]


@pytest.mark.parametrize("verb", [publishing.pause, publishing.delete_automation])
def test_whoever_is_sent_to_one_that_does_not_work_is_turned_away_in_writing(
    regular: Customer, now: datetime, verb: Any
) -> None:
    target = ruled(GIVE, now, slug="target")
    ruled([{"key": "s", "type": "start_automation", "automation": "target"}], now, slug="source")
    verb(target, now=now)

    wave(regular, now)
    run(now)

    assert Journey.objects.get().state == "finished"
    refused = Decision.objects.get(verdict="refused")
    assert refused.automation == target
    assert refused.reason == "Another automation asked for it, but it is not Working."
    assert not Event.objects.filter(name=events.AutomationRequested.name, entered_at=None).exists()
