"""The ledger's rows as a book holds them: light, for a batch makes a thousand of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from loyalty.models import Account, Lot
from loyalty.models.operation import NEVER
from loyalty.postings import Held


@dataclass(slots=True, eq=False)
class AccountRow:
    id: int
    card_id: int
    unit: str
    balance: int = 0
    debt: int = 0
    seq: int = 0
    lifetime_in: int = 0
    lifetime_out: int = 0
    lapses_at: datetime = NEVER
    next_expiry: datetime = NEVER

    @property
    def held(self) -> Held:
        return Held(self.balance, self.debt, self.lifetime_in, self.lifetime_out)


@dataclass(slots=True, eq=False)
class OperationRow:
    id: int
    card_id: int
    kind: str
    key: str
    fingerprint: str
    actor: str
    reason: str
    location_id: int | None
    order_id: int | None
    reverses_id: int | None
    reward_id: int | None
    at: datetime
    answer: dict[str, Any] | None = None


@dataclass(slots=True, eq=False)
class NoteRow:
    operation_id: int
    comment: str


@dataclass(slots=True, eq=False)
class EntryRow:
    id: int
    operation_id: int
    account_id: int
    kind: str
    seq: int
    amount: int
    debt_delta: int
    balance_after: int


@dataclass(slots=True, eq=False)
class LotRow:
    id: int
    account_id: int
    entry_id: int
    amount: int
    remaining: int
    expires_at: datetime


@dataclass(slots=True, eq=False)
class MoveRow:
    entry_id: int
    lot_id: int
    delta: int


def accounts(found: "QuerySet[Account]") -> list[AccountRow]:
    return [AccountRow(*row) for row in found.values_list(*AccountRow.__slots__)]


def lots(found: "QuerySet[Lot]") -> list[LotRow]:
    return [LotRow(*row) for row in found.values_list(*LotRow.__slots__)]
