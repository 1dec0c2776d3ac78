"""What somebody wants of the ledger, and what became of it."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from loyalty.causes import Cause


class Kind(TextChoices):
    """What an operation, or one of its entries, is; the words are staff's, the values the API's."""

    ISSUE = "issue", _("Issued")
    ACCRUE = "accrue", _("Given")
    REDEEM = "redeem", _("Redeemed")
    CONVERT = "convert", _("Exchanged")
    EXPIRE = "expire", _("Expired")
    REFUND = "refund", _("Refunded")
    REVERSE = "reverse", _("Undone")
    RENEW = "renew", _("Renewed")
    CAPTURE = "capture", _("Handed over")
    TRANSFER = "transfer", _("Moved")


class Held(NamedTuple):
    """What an account holds at this moment of the book."""

    balance: int
    debt: int
    lifetime_in: int
    lifetime_out: int


class Change(NamedTuple):
    """One entry that a program asks for, before debt: `amount` is signed."""

    unit: str
    amount: int
    kind: Kind
    cycle: int = 0


class Posting(NamedTuple):
    """What somebody wants done to one card, once.

    `amount` is positive for accrue, redeem and issue (0 allowed where only the key matters);
    for a refund it is signed: the difference to what was given. `spent_cents` (signed) is what an
    order adds to what was spent, for cards that count both; `reward_id` what it is redeemed for.
    `key` is unique for ever and named by its cause; `fingerprint` tells a replay from another wish
    under the same key.
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
    spent_cents: int = 0
    reward_id: int | None = None

    def print(self) -> str:
        """Its fingerprint: the one given, else the hash of what must not differ on a replay."""
        if self.fingerprint:
            return self.fingerprint
        parts = f"{self.card_id}:{self.kind.value}:{self.unit}:{self.amount}:{self.order_id}"
        return hashlib.sha256(parts.encode()).hexdigest()


class Line(NamedTuple):
    """One entry as written: `amount` is what the balance did, `debt_delta` what the debt did."""

    unit: str
    kind: Kind
    amount: int
    balance: int
    debt_delta: int = 0

    @property
    def before(self) -> int:
        return self.balance - self.amount


@dataclass(slots=True)
class Posted:
    """What became of a posting; `lines` in order. `answer` is what the API said to it, kept for
    replays; only operations that were asked for by API have one, and it is set while the book is
    still open."""

    id: int
    card_id: int
    kind: str
    key: str
    at: datetime
    lines: list[Line] = field(default_factory=list)
    comment: str = ""
    reverses: int | None = None
    is_replay: bool = False
    answer: dict[str, Any] | None = None
