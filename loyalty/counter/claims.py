"""Claims at the counter: what a checkout holds, and what customers come to fetch."""

from datetime import datetime

from loyalty import cards, holds, ledger, shapes
from loyalty.counter import amounts, slips, turning
from loyalty.counter.words import Answer, By, Request, Wish
from loyalty.ledger import Kind


def hold(
    serial: str, wish: Wish, until: datetime | None, *, by: By, request: Request, now: datetime
) -> Answer:
    """As a redemption, but to be captured until then (default: a day) or given back. Raises as a
    redemption does, and Invalid for a deadline that is no use."""
    if replayed := slips.replay(request):
        return replayed
    card = cards.by_serial(serial)
    with slips.twins(), ledger.open(cards=[card.pk], now=now) as book:
        card = book.card(card.pk)
        reward, unit, amount = amounts.redemption(card, wish, by, now)
        posting = slips.posting(
            card, Kind.REDEEM, by, request, unit=unit, amount=amount, comment=wish.comment
        )
        posted, held = holds.place(book, posting, reward, until=until)
        return slips.answer(book, posted, now, {"claim": shapes.claim(held)})


def capture(hold_id: int, *, by: By, request: Request, now: datetime) -> Answer:
    """It is handed over, and a coupon turns into its card; raises the refusals of
    `holds.capture_in`."""
    if replayed := slips.replay(request):
        return replayed
    found = holds.find(hold_id)
    turns = found.card.program.becomes is not None
    with (
        slips.twins(),
        turning.may_issue(found.card, turns),
        ledger.open(customers=[found.card.customer_id], now=now) as book,
    ):
        posting = slips.posting(found.card, Kind.CAPTURE, by, request)
        posted = holds.capture_in(book, found, posting)
        more = {}
        if turns and not posted.is_replay:
            more = turning.turn(book, book.card(found.card_id), found.operation_id, by, now)
        return slips.answer(book, posted, now, more)


def void(hold_id: int, reason: str, *, by: By, request: Request, now: datetime) -> Answer:
    """It goes back to the card; raises the refusals of `holds.void`."""
    if replayed := slips.replay(request):
        return replayed
    found = holds.find(hold_id)
    with slips.twins(), ledger.open(cards=[found.card_id], now=now) as book:
        posting = slips.posting(found.card, Kind.REVERSE, by, request, reason=reason)
        return slips.answer(book, holds.void_in(book, found, posting), now)
