"""The only code that changes what a card holds: open a `Book`, post to it, leave.

with ledger.open(cards=[card.pk], now=now) as book:
    book.post(Posting(...))
"""

from loyalty.ledger.accounts import open_accounts, open_accounts_of
from loyalty.ledger.book import Book, open, post
from loyalty.ledger.handing_on import (
    RECEIVED,
    add_lifetimes,
    covers,
    hand_on,
    hand_on_all,
    hand_on_debt,
)
from loyalty.ledger.marking import mark
from loyalty.ledger.reading import ending, held
from loyalty.ledger.replays import find_posted, read_back
from loyalty.ledger.reversal import reverse
from loyalty.ledger.settling import settle_due
from loyalty.postings import Change, Held, Kind, Line, Posted, Posting

__all__ = [
    "RECEIVED",
    "Book",
    "Change",
    "Held",
    "Kind",
    "Line",
    "Posted",
    "Posting",
    "add_lifetimes",
    "covers",
    "ending",
    "find_posted",
    "hand_on",
    "hand_on_all",
    "hand_on_debt",
    "held",
    "mark",
    "open",
    "open_accounts",
    "open_accounts_of",
    "post",
    "read_back",
    "reverse",
    "settle_due",
]
