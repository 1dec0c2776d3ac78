"""What becomes true because time passed: what was earned for a while expires."""

import time
from datetime import datetime

from loyalty import ledger
from loyalty.clock import now as now_at_the_edge
from loyalty.models import Account

CARDS_AT_ONCE = 100


def due(now: datetime) -> list[int]:
    """One argument where an account holds something that is over."""
    return [0] if Account.objects.filter(next_expiry__lte=now).exists() else []


def settle(_argument: int, *, now: datetime | None = None, budget: float = 2.0) -> int:
    """Settle due accounts for at most `budget` seconds; says how many cards it settled."""
    end = time.monotonic() + budget
    settled = 0
    while time.monotonic() < end:
        cards = ledger.settle_due(CARDS_AT_ONCE, now=now or now_at_the_edge())
        settled += cards
        if cards < CARDS_AT_ONCE:
            break
    return settled
