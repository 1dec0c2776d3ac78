"""What people typed beside operations: the only part of the ledger that can be forgotten."""

from loyalty.models import OperationNote


def forget_notes(customer_id: int) -> None:
    """Blank every comment on that customer's cards; the operations stay."""
    OperationNote.objects.filter(operation__card__customer_id=customer_id).update(comment="")
