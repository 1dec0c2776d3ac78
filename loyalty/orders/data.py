"""What somebody says of an order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from loyalty.cleaning import Cleaner, Unfit, cents, choice, cleaned, json_list, key, moment
from loyalty.customers import Details, Who
from loyalty.models.order import OrderStatus

LONGEST_KEY = 150
MOST_LINES = 1_000
MOST_LINES_BYTES = 200_000

CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderData:
    """An order as its platform tells of it; None is "not said" and leaves what is known.

    `key` is unique in the install: `<connector>:<the platform's id>`. Amounts are minor units of
    `currency`, tax included in the total. `refunded_cents` is all that was refunded so far.
    `updated_at` is when the platform last changed the order: the newest one's amounts count.
    `customer` names whose it is, `details` tell more of them in case they are new.
    """

    key: str
    status: str | None = None
    customer: Who | None = None
    details: Details | None = None
    platform: str = "api"
    placed_at: datetime | None = None
    updated_at: datetime | None = None
    currency: str | None = None
    subtotal_cents: int | None = None
    tax_cents: int | None = None
    total_cents: int | None = None
    refunded_cents: int | None = None
    lines: Sequence[Any] | None = None

    def clean(self) -> "OrderData":
        """All of it made fit; raises Invalid."""
        said = {name: value for name in CLEANERS if (value := getattr(self, name)) is not None}
        return OrderData(customer=self.customer, details=self.details, **cleaned(said, CLEANERS))


def currency(value: Any) -> str:
    if not isinstance(value, str) or not CURRENCY.fullmatch(value):
        raise Unfit(_("Three capital letters, e.g. USD."))
    return value


order_key = key(LONGEST_KEY)

CLEANERS: dict[str, Cleaner] = {
    "key": order_key,
    "status": choice(*OrderStatus.values),
    "platform": key(40),
    "placed_at": moment,
    "updated_at": moment,
    "currency": currency,
    "subtotal_cents": cents,
    "tax_cents": cents,
    "total_cents": cents,
    "refunded_cents": cents,
    "lines": json_list(MOST_LINES, MOST_LINES_BYTES),
}
