"""The only code that changes what a card holds: open a `Book`, post to it, leave.

    with ledger.open(cards=[card.pk], now=now) as book:
        book.post(Posting(...))
"""

from loyalty.ledger.book import Book, open, post
from loyalty.ledger.posting import Change, Held, Posted, Posting

__all__ = ["Book", "Change", "Held", "Posted", "Posting", "open", "post"]
