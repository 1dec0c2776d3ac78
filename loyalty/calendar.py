"""What becomes true because time passed: what was earned for a while expires, what an order earned
counts after its days, what was held goes back, memberships begin another period by themselves,
cards end, who brought a friend gets something for it, and presents arrive."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from loyalty import cards, holds, ledger, memberships, orders, presents, referrals
from loyalty.clock import now as now_at_the_edge
from loyalty.models import Account

logger = logging.getLogger(__name__)

CARDS_AT_ONCE = 100
WORKS: tuple[Callable[..., int], ...] = (
    ledger.settle_due,
    orders.ripen,
    holds.void_overdue,
    memberships.renew_ending,
    cards.tell_ended,
    referrals.settle,
    presents.deliver_due,
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
        or presents.is_due(now)
    )
    return [0] if is_due else []


def settle(_argument: int, *, now: datetime | None = None, budget: float = 2.0) -> int:
    """Do what is due for at most `budget` seconds; says on how many cards.

    Work that fails stands in the way of no other: the rest is done first, then its error is raised.
    """
    end = time.monotonic() + budget
    settled, failed = 0, list[Exception]()
    for work in WORKS:
        try:
            settled += _settle(work, now, end)
        except Exception as error:
            logger.exception("%s fails", work.__qualname__)
            failed.append(error)
    if failed:
        raise failed[0]
    return settled


def _settle(work: Callable[..., int], now: datetime | None, end: float) -> int:
    settled = 0
    while time.monotonic() < end:
        done = work(CARDS_AT_ONCE, now=now or now_at_the_edge())
        settled += done
        if done < CARDS_AT_ONCE:
            break
    return settled
