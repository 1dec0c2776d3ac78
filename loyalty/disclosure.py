"""What we hold of a customer, told to themselves."""

from typing import Any

from loyalty import shapes
from loyalty.models import Card, Customer, Event, Operation, Order

CONTACT = (
    *("email", "phone", "external_id", "first_name", "last_name", "language", "time_zone"),
    *("tags", "attributes"),
)


def contact(customer_id: int) -> dict[str, Any]:
    row = Customer.objects.get(pk=customer_id)
    return {name: getattr(row, name) for name in CONTACT} | {
        "id": row.pk,
        "birthday": row.birthday.isoformat() if row.birthday else None,
        "joined": shapes.moment(row.created_at),
    }


def consents(customer_id: int) -> list[dict[str, Any]]:
    """Each yes and no, with the words that were shown."""
    rows = Customer.objects.get(pk=customer_id).consent_history.order_by("pk")
    return [
        {
            "channel": row.channel,
            "given": row.is_given,
            "source": row.source,
            "words": row.proof,
            "at": shapes.moment(row.at),
        }
        for row in rows
    ]


def cards(customer_id: int) -> list[dict[str, Any]]:
    """Deleted ones included, for their operations are still there."""
    rows = Card.objects.filter(customer=customer_id).order_by("pk")
    return [
        {
            "program": card.program.slug,
            "serial": card.serial,
            "number": card.number,
            "status": card.status,
            "issued": shapes.moment(card.issued_at),
            "expires": shapes.moment(card.expires_at),
            "holds": dict(card.accounts.values_list("unit", "balance")),
            "operations": _operations(card),
        }
        for card in rows.prefetch_related("program", "accounts")
    ]


def _operations(card: Card) -> list[dict[str, Any]]:
    rows = Operation.objects.filter(card=card).select_related("note", "location")
    return [
        {
            "kind": row.kind,
            "at": shapes.moment(row.at),
            "location": row.location.name if row.location else None,
            "comment": row.note.comment if hasattr(row, "note") else "",
            "changes": [
                {"unit": entry.account.unit, "amount": entry.amount, "after": entry.balance_after}
                for entry in row.entries.all()
            ],
        }
        for row in rows.prefetch_related("entries__account").order_by("pk")
    ]


def orders(customer_id: int) -> list[dict[str, Any]]:
    rows = Order.objects.filter(customer=customer_id).order_by("pk")
    return [
        {
            "key": row.key,
            "status": row.status,
            "placed": shapes.moment(row.placed_at),
            "total_cents": row.total_cents,
            "currency": row.currency,
            "lines": row.lines,
        }
        for row in rows
    ]


def events(customer_id: int) -> list[dict[str, Any]]:
    rows = Event.objects.filter(customer=customer_id).order_by("pk")
    return [
        {"name": row.name, "at": shapes.moment(row.occurred_at), "data": row.data} for row in rows
    ]
