"""Short words for what tests do to a card's ledger."""

from datetime import datetime

from loyalty import ledger
from loyalty.causes import Cause
from loyalty.ledger import Kind, Posted, Posting
from loyalty.models import (
    Account,
    Card,
    Entry,
    Event,
    Lot,
    Move,
    Operation,
)

TILL = Cause("scan")


def posting(card: Card, kind: Kind, amount: int, key: str, unit: str = "") -> Posting:
    return Posting(
        card_id=card.pk,
        kind=kind,
        key=key,
        actor="staff:1",
        cause=TILL,
        unit=unit or card.program.earns,
        amount=amount,
    )


def accrue(card: Card, amount: int, key: str, now: datetime, unit: str = "") -> Posted:
    return ledger.post(posting(card, Kind.ACCRUE, amount, key, unit), now=now)


def redeem(card: Card, amount: int, key: str, now: datetime, unit: str = "") -> Posted:
    unit = unit or card.program.spends
    return ledger.post(posting(card, Kind.REDEEM, amount, key, unit), now=now)


def reverse(operation_id: int, key: str, now: datetime) -> Posted:
    operation = Operation.objects.get(pk=operation_id)
    wish = posting(operation.card, Kind.REVERSE, 0, key)
    with ledger.open(cards=[operation.card_id], now=now) as book:
        return ledger.reverse(book, operation, wish)


def held(card: Card) -> dict[str, int]:
    return dict(Account.objects.filter(card=card).values_list("unit", "balance"))


def owed(card: Card) -> dict[str, int]:
    return dict(Account.objects.filter(card=card, debt__gt=0).values_list("unit", "debt"))


def rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Operation, Entry, Lot, Move, Event))


def said(posted: Posted) -> list[tuple[str, int, int]]:
    return [(line.unit, line.amount, line.balance) for line in posted.lines]
