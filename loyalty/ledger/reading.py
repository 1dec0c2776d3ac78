from datetime import datetime

from loyalty.ledger import rows
from loyalty.ledger.book import open
from loyalty.models import Account, Card
from loyalty.postings import Held

NOTHING = Held(0, 0, 0, 0)


def held(card: Card, now: datetime) -> dict[str, Held]:
    """What the card holds at `now`, by unit.

    It waits for nobody: who is at work on the card will be seen when they have committed. Only
    where something of it is over is that settled first, and then the card is locked.
    """
    accounts = rows.accounts(Account.objects.filter(card=card))
    if any(row.next_expiry <= now for row in accounts):
        with open(cards=[card.pk], now=now) as book:
            return book.held(card.pk)
    known = {row.unit: row.held for row in accounts}
    return {unit: known.get(unit, NOTHING) for unit in card.program.units}
