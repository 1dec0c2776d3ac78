"""What lives by grace: it came back after it was over. That happens once, so whoever takes it and
lets it come back again and again gains nothing."""

from collections.abc import Collection

from django.db.models import F, QuerySet

from loyalty.ledger import rows
from loyalty.ledger.accounts import OpenAccount
from loyalty.ledger.handing_on import RECEIVED
from loyalty.ledger.rows import LotRow
from loyalty.models import Entry, Lot, Operation
from loyalty.models.operation import NEVER
from loyalty.postings import Kind


def over(expired: Collection[LotRow]) -> set[int]:
    """Which of those lots (ids) are over for good: they were made by a reversal, on this card or on
    one from which they were handed on with their ends."""
    return {lot.id for lot in expired if _is_by_grace(lot)}


def _is_by_grace(lot: LotRow) -> bool:
    made = Entry.objects.select_related("operation").get(pk=lot.entry_id)
    if made.kind != Kind.TRANSFER:
        return made.kind == Kind.REVERSE
    given = made.operation.key.removeprefix(RECEIVED)
    sources = Lot.objects.filter(
        moves__entry__operation__key=given, moves__delta__lt=0, expires_at=lot.expires_at
    )
    return any(_is_by_grace(source) for source in rows.lots(sources))


def has_lapsed(account: OpenAccount, taken: Entry) -> bool:
    """Whether all that the account held was over at once after that entry took from it, and nothing
    was given since."""
    if account.row.lapses_at != NEVER:
        return False
    return account.has_lapsed or _lapses(taken).filter(pk__gt=taken.operation_id).exists()


def lived_by_one(taken: Entry) -> bool:
    """Whether that entry took what had come back after all was over: nothing was earned since, and
    nothing handed on but what lived by grace there."""
    given = Entry.objects.filter(
        account=taken.account_id, pk__lt=taken.pk, amount__gt=F("debt_delta")
    )
    if before := _lapses(taken).filter(pk__lt=taken.operation_id).order_by("pk").last():
        given = given.filter(operation__gt=before.pk)
    earned = given.exclude(kind=Kind.REVERSE)
    if earned.exclude(kind=Kind.TRANSFER).exists():
        return False
    handed_on = earned.select_related("operation", "account")
    return all(lived_by_one(_giving(each)) for each in handed_on)


def _giving(received: Entry) -> Entry:
    """The entry that took what this one got."""
    given = received.operation.key.removeprefix(RECEIVED)
    return Entry.objects.select_related("operation", "account").get(
        operation__key=given, account__unit=received.account.unit
    )


def _lapses(entry: Entry) -> "QuerySet[Operation]":
    """Each time that all that entry's account held was over."""
    return Operation.objects.filter(
        card=entry.account.card_id, key__startswith=f"lapse:{entry.account_id}:"
    )
