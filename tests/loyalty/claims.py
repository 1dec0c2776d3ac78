"""Short words for what tests hold of a card."""

from datetime import datetime

from loyalty import holds, ledger
from loyalty.causes import Cause
from loyalty.ledger import Kind, Posting
from loyalty.models import Card, Hold

STAFF = Cause("staff:1")


def claim(card: Card, now: datetime, key: str = "claim", **wish: object) -> Hold:
    wanted = wish or {"reward": card.program.rewards.get(name="A piece of cake")}
    return holds.claim(card, key=key, now=now, **wanted)  # type: ignore[arg-type]


def capture(hold: Hold, now: datetime, key: str = "captured") -> ledger.Posted:
    posting = Posting(
        card_id=hold.card_id, kind=Kind.CAPTURE, key=key, actor="staff:1", cause=STAFF
    )
    with ledger.open(cards=[hold.card_id], now=now) as book:
        return holds.capture_in(book, hold, posting)


def void(hold: Hold, now: datetime, key: str = "voided") -> ledger.Posted:
    return holds.void(hold, key=key, actor="staff:1", cause=STAFF, reason="Sold out", now=now)
