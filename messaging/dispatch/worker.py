"""The bell's two ends: is anything due, and do what is due."""

import logging
import time
from datetime import datetime

from loyalty import clock
from messaging.dispatch import claims, sending
from messaging.models import Message

logger = logging.getLogger(__name__)

# How many may drain at once: a slow carrier keeps one busy, not all.
DISPATCHERS = 2


def due(now: datetime) -> list[int]:
    """A number for each dispatcher that a claim's worth of due messages is waiting for."""
    n = claims.waiting(now).order_by()[: DISPATCHERS * claims.AT_ONCE].count()
    return list(range(-(-n // claims.AT_ONCE)))


def drain(_dispatcher: int = 0, *, now: datetime | None = None, budget: float = 2.0) -> int:
    """Send what is due for at most `budget` seconds and one message; says how many were handled.

    All dispatchers do the same and any number may run at once. Harmless when nothing is due.
    """
    ends = time.monotonic() + budget
    handled = 0
    while claimed := claims.claim(now or clock.now()):
        for place, message in enumerate(claimed):
            _handle_safely(message, now or clock.now())
            handled += 1
            if time.monotonic() >= ends:
                claims.give_back(claimed[place + 1 :], now or clock.now())
                return handled
    return handled


def _handle_safely(message: Message, now: datetime) -> None:
    try:
        sending.handle(message, now)
    except Exception:  # the one place: what is behind this message goes on
        logger.exception("Message %d could not be handled.", message.pk)
        sending.set_aside(message, now)
