"""What becomes true because time passed: what was earned for a while expires, what an order earned
counts after its days, what was held goes back, memberships begin another period by themselves,
cards end, and who brought a friend gets something for it."""

import time
from datetime import datetime

from loyalty import cards, holds, ledger, memberships, orders, referrals
from loyalty.clock import now as now_at_the_edge
from loyalty.models import Account

CARDS_AT_ONCE = 100
WORKS = (
    ledger.settle_due,
    orders.ripen,
    holds.void_overdue,
    memberships.renew_ending,
    cards.tell_ended,
    referrals.settle,
)


def due(now: datetime) -> list[int]:
    """One argument where something is over, has waited long enough or is to begin anew."""
    is_due = (
        Account.objects.filter(next_expiry__lte=now).exists()
        or orders.is_due(now)
        or holds.overdue(now).exists()
        or memberships.ending(now).exists()
        or cards.ending(now).exists()
        or referrals.is_due()
    )
    return [0] if is_due else []


def settle(_argument: int, *, now: datetime | None = None, budget: float = 2.0) -> int:
    """Do what is due for at most `budget` seconds; says on how many cards."""
    end = time.monotonic() + budget
    settled = 0
    for work in WORKS:
        while time.monotonic() < end:
            done = work(CARDS_AT_ONCE, now=now or now_at_the_edge())
            settled += done
            if done < CARDS_AT_ONCE:
                break
    return settled
