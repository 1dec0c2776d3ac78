"""Doing here and now all that is due, without a queue or a worker."""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from config.bell import Bell, bells
from loyalty import clock

# Where something stays due and does not get less, somebody else (a worker) has it in hand.
GIVES_UP_AFTER = 10.0  # seconds
NAP = 0.1  # seconds; whoever has it in hand goes on meanwhile


@dataclass(frozen=True, slots=True)
class Drained:
    """How many rows each task handled, and the tasks that are due all the same."""

    handled: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)


def drain(now: datetime | None = None) -> Drained:
    """Answer every bell until none rings. `now` pretends that moment, else time goes on.

    What is done may make other things due; they are done too. Errors are raised.
    """
    handled: Counter[str] = Counter()
    moved_at = time.monotonic()
    while rings := [(bell, ring) for bell in bells() for ring in bell.due(now or clock.now())]:
        if sum(_answer(bell, ring, now, handled) for bell, ring in rings):
            moved_at = time.monotonic()
        elif time.monotonic() - moved_at > GIVES_UP_AFTER:
            return Drained(handled, sorted({bell.task_path for bell, _ring in rings}))
        else:
            time.sleep(NAP)
    return Drained(handled)


def _answer(bell: Bell, ring: int, now: datetime | None, handled: Counter[str]) -> int:
    count = bell.task(ring, now=now)
    handled[bell.task_path] += count
    return count
