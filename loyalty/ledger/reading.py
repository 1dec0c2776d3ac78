from dataclasses import dataclass
from datetime import datetime

from loyalty.ledger import rows
from loyalty.ledger.book import open
from loyalty.models import Account, Card, Lot
from loyalty.postings import Held

NOTHING = Held(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Ending:
    """So much of that unit is over at that moment, unless it is used before; `lapses`: or unless
    something is earned before."""

    unit: str
    amount: int
    at: datetime
    lapses: bool


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


def ending(card: Card, now: datetime, until: datetime) -> list[Ending]:
    """What it holds now that is over by then, soonest first."""
    found = []
    for account in Account.objects.filter(
        card=card, balance__gt=0, next_expiry__gt=now, next_expiry__lte=until
    ):
        lots = Lot.objects.filter(account=account, remaining__gt=0, expires_at__lte=until)
        if account.lapses_at <= until:
            lots = lots.filter(expires_at__lt=account.lapses_at)
        parts = [Ending(account.unit, lot.remaining, lot.expires_at, False) for lot in lots]
        rest = account.balance - sum(part.amount for part in parts)
        if account.lapses_at <= until and rest > 0:
            parts.append(Ending(account.unit, rest, account.lapses_at, True))
        found += parts
    return sorted(found, key=lambda part: (part.at, part.unit))
