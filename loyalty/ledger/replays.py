"""What a key did before, read back from the ledger's rows."""

from django.db.models import prefetch_related_objects

from loyalty.errors import KeyReuse
from loyalty.models import Operation
from loyalty.postings import Kind, Line, Posted


def find_posted(key: str, fingerprint: str) -> Posted | None:
    """What a key did before, read back from the ledger; KeyReuse where it was another wish."""
    operation = Operation.objects.filter(key=key).select_related("note").first()
    if operation is None:
        return None
    if operation.fingerprint != fingerprint:
        raise KeyReuse
    return read_back(operation)


def read_back(operation: Operation) -> Posted:
    """A stored operation as it was answered then."""
    prefetch_related_objects([operation], "entries__account")
    note = getattr(operation, "note", None)
    return Posted(
        operation.pk,
        operation.card_id,
        operation.kind,
        operation.key,
        operation.at,
        [
            Line(e.account.unit, Kind(e.kind), e.amount, e.balance_after, e.debt_delta)
            for e in operation.entries.all()
        ],
        comment=note.comment if note else "",
        reverses=operation.reverses_id,
        is_replay=True,
        answer=operation.answer,
    )
