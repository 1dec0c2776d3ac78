"""What journeys were to settle, when others than a pump end them."""

from collections.abc import Iterable
from datetime import datetime

from automations.models import Automation, Journey
from loyalty import holds

# Where a journey keeps the number of what it settles.
CLAIM = "claim"


def handler_of(journey_id: int) -> str:
    """What settles a claim, by its name in the shop's books."""
    return f"journey:{journey_id}"


def settling(automation: Automation, ended_at: datetime) -> list[int]:
    """The journeys in it that have something to settle and were ended at that moment."""
    ended = Journey.objects.filter(automation=automation, ended_at=ended_at, data__has_key=CLAIM)
    return list(ended.values_list("pk", flat=True))


def release(journeys: Iterable[int], now: datetime) -> None:
    """They have been ended: it goes back. After the transaction that ended them, so that nobody
    waits for a pump while holding what it wants; if that never happens, the deadline does it."""
    if handlers := [handler_of(journey) for journey in journeys]:
        holds.give_back_of(handlers, now=now)


def let_go(journeys: Iterable[int]) -> None:
    """They ended because their customer is somebody else now: staff settle what they had."""
    if handlers := [handler_of(journey) for journey in journeys]:
        holds.let_go(handlers)
