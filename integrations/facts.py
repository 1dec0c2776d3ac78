"""What other systems tell us, in one language: connectors yield facts, `apply` acts on them.

A fact tells how things stand now, so that it may come twice, late, or in any order.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loyalty.external import External


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whoever is meant. All of it may be empty: a guest who left nothing."""

    external_id: str = ""
    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSeen:
    """An order as it stood at `updated_at`; amounts in minor units of `currency`."""

    key: str
    status: str
    placed_at: datetime | None
    updated_at: datetime | None
    currency: str
    subtotal_cents: int
    tax_cents: int
    total_cents: int
    lines: list[dict[str, Any]]
    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSeen:
    """Money that was given back for an order, which may not have been seen yet."""

    order_key: str
    key: str
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSeen:
    """Somebody has an account there; `wants_email` where they said yes to marketing by email."""

    person: Person
    wants_email: bool


# For what happens to customers and has no word of our own, loyalty has the type already.
Fact = OrderSeen | RefundSeen | CustomerSeen | External
