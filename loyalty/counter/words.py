"""What is asked for at the till, by whom, and what is answered."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from loyalty.causes import Cause
from loyalty.models import Card


@dataclass(frozen=True, slots=True)
class By:
    """Who stands at the till: `actor` as the ledger names them ("token:3").

    `may_adjust`: may type a bare number where the program counts visits or spending, and redeem a
    bare amount where it has rewards. `may_undo`: also what others did, and what is long past.
    `rest`: this is a kiosk, and a card that one served in so long is not served again.
    """

    actor: str
    cause: Cause
    location_id: int | None = None
    may_adjust: bool = False
    may_undo: bool = False
    rest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Under which key something is wanted, and what a replay must look like."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted: one of `amount`, `purchase_cents`, `visits`, `reward_id`, or none of them;
    `comment` is the till's note, `reason` what staff write down where they act by hand."""

    amount: int | None = None
    unit: str = ""
    purchase_cents: int | None = None
    order_key: str = ""
    visits: int | None = None
    reward_id: int | None = None
    comment: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say, without the customer, who is filled in live from `card`."""

    body: dict[str, Any]
    card: Card
    is_replay: bool = False
    is_new: bool = True
