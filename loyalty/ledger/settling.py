from datetime import datetime

from loyalty.ledger.book import open
from loyalty.models import Account


def settle_due(limit: int, *, now: datetime) -> int:
    """Let lots that are over expire, on up to that many cards; opening a book does it.

    Says how many cards it settled. Harmless when nothing is due, and when it runs twice.
    """
    due = Account.objects.filter(next_expiry__lte=now).order_by("next_expiry")
    cards = list(due.values_list("card_id", flat=True)[:limit])
    if cards:
        with open(cards=cards, now=now):
            pass
    return len(cards)
