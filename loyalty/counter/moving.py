"""What a card holds, moved to another one, and back."""

from datetime import datetime

from loyalty import cards, ledger, shapes, transfers
from loyalty.counter import slips
from loyalty.counter.words import Answer, By, Request
from loyalty.ledger import Kind
from loyalty.models import Operation


def transfer(
    serial: str, to: str, amount: int, unit: str, *, by: By, request: Request, now: datetime
) -> Answer:
    """Move so much of a unit (default: what the program spends) to the card of the serial `to`;
    raises what `transfers.transfer` raises."""
    if replayed := slips.replay(request):
        return replayed
    giver, taker = cards.by_serial(serial), cards.by_serial(to)
    with slips.twins(), ledger.open(cards={giver.pk, taker.pk}, now=now) as book:
        unit = unit or giver.program.spends
        posting = slips.posting(giver, Kind.TRANSFER, by, request, unit=unit, amount=amount)
        given, received = transfers.transfer(book, posting, taker.pk)
        return slips.answer(book, given, now, {"received": shapes.operation(received)})


def undo(operation: Operation, reason: str, *, by: By, request: Request, now: datetime) -> Answer:
    """Both halves of it; raises what `transfers.undo` raises."""
    both = {half.card_id for half in transfers.pair(operation)}
    with slips.twins(), ledger.open(cards=both, now=now) as book:
        posting = slips.posting(operation.card, Kind.REVERSE, by, request, reason=reason)
        return slips.answer(book, transfers.undo(book, operation, posting), now)
