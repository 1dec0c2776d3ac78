"""What somebody wants of the ledger, and what became of it."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loyalty.causes import Cause
from loyalty.models.operation import Kind


@dataclass(frozen=True, slots=True)
class Held:
    """What an account holds at this moment of the book."""

    balance: int
    debt: int
    lifetime_in: int
    lifetime_out: int


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that a program asks for, before debt: `amount` is signed."""

    unit: str
    amount: int
    kind: Kind
    cycle: int = 0
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What somebody wants done to one card, once.

    `amount` is positive for accrue, redeem and issue (0 allowed where only the key matters);
    for a refund it is signed: the difference to what was given. `key` is unique for ever and named
    by its cause; `fingerprint` tells a replay from another wish under the same key.
    """

    card_id: int
    kind: Kind
    key: str
    actor: str
    cause: Cause
    unit: str = ""
    amount: int = 0
    fingerprint: str = ""
    reason: str = ""
    comment: str = ""
    location_id: int | None = None
    order_id: int | None = None

    def print(self) -> str:
        """Its fingerprint: the one given, else the hash of what must not differ on a replay."""
        if self.fingerprint:
            return self.fingerprint
        parts = (self.card_id, self.kind, self.unit, self.amount, self.order_id)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


@dataclass(slots=True)
class Posted:
    """What became of a posting. `entries` are (unit, amount, balance) in order; `crossed` the
    program's own marks it passed; `answer` what the API said (only operations that were asked for
    by API carry one)."""

    operation_id: int
    kind: str
    key: str
    entries: list[tuple[str, int, int]] = field(default_factory=list)
    crossed: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""
    comment: str = ""
    reverses: int | None = None
    at: datetime | None = None
    replayed: bool = False
    answer: dict[str, Any] | None = None
