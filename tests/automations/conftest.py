from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from automations import portable, publishing
from automations.engine import pump
from automations.models import Automation, Journey
from loyalty import events
from loyalty.events import SHARDS
from loyalty.models import Card, Customer, Event, Program
from messaging.models import Sender
from tests.automations.example import TENTH_COFFEE
from tests.cast import BY_STAFF

Chain = Callable[..., Automation]


@pytest.fixture
def tenth_coffee() -> dict[str, Any]:
    return deepcopy(TENTH_COFFEE)


@pytest.fixture
def shop(coffee: Program, aurora: Program) -> Sender:
    """Both programs, and a sender that is used where none is chosen."""
    return Sender.objects.create(
        name="Outbox", provider="outbox", from_address="hello@aurora.example", is_default=True
    )


@pytest.fixture
def chain(shop: Sender, now: datetime) -> Chain:
    """`chain({...}, {...}, trigger="card_scanned")` draws those steps; published where asked."""

    def draw(
        *steps: dict[str, Any],
        trigger: str = "card_scanned",
        publish: bool = False,
        **document: Any,
    ) -> Automation:
        triggers = [{"type": trigger, "params": document.pop("params", {})}]
        source = {"format": 1, "slug": "test", "name": "Test", "triggers": triggers}
        automation = portable.read({**source, **document, "steps": list(steps)}, now=now)
        if publish:
            publishing.publish(automation, now=now)
        return automation

    return draw


def move(now: datetime) -> None:
    """Let the engine do all that is due at that moment."""
    while sum(pump.pump(shard, now=now) for shard in range(SHARDS)):
        pass


@pytest.fixture
def regular(dora: Customer, aurora_card: Card) -> Customer:
    """Dora with an empty aurora card; what happened so far is not looked at any more."""
    Event.objects.update(entered_at=datetime(2026, 1, 1, tzinfo=UTC))
    return dora


@pytest.fixture
def sender(db: None) -> Sender:
    return Sender.objects.create(
        name="Outbox", provider="outbox", from_address="shop@example.com", is_default=True
    )


@pytest.fixture
def scan(now):
    def scan(card, key="scan"):
        events.emit(
            events.CardScanned(),
            key=key,
            customer_id=card.customer_id,
            card_id=card.pk,
            cause=BY_STAFF,
            now=now,
        )
        move(now)
        return Journey.objects.get(event__key=key)

    return scan
