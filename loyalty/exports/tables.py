"""What can leave the house as a table. Headers are those that an import understands at once."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loyalty import zones
from loyalty.models import Account, Card, Customer, Entry, Program
from loyalty.models.card import CardStatus
from loyalty.money import decimals

# Units of money, which leave in major units; cashback's points are money as well.
MONEY = ("money", "spent")
# Entries of the ledger that are read from the database at once.
AT_ONCE = 1_000
Cells = Sequence[object]


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are those of the given customers, in order, days as that zone has them; `bite` is how
    many customers are taken at once, so that what they have fits into memory."""

    label: str | Promise
    header: tuple[str, ...]
    rows: Callable[[Sequence[int], str], Iterator[Cells]]
    bite: int


def customers(pks: Sequence[int], zone: str) -> Iterator[Cells]:
    found = Customer.objects.present().filter(pk__among=pks).order_by("pk")
    for row in found.values_list(*CONTACT, "tags", "consents", "attributes", "created_at"):
        *contact, tags, consents, attributes, joined = row
        yield (
            *contact,
            ", ".join(tags),
            *(_yes_or_no(consents.get(name)) for name in ("email", "sms", "push")),
            json.dumps(attributes, ensure_ascii=False) if attributes else "",
            joined.isoformat(timespec="seconds"),
        )


def cards(pks: Sequence[int], zone: str) -> Iterator[Cells]:
    """With what each holds: the balances."""
    of_these = Card.objects.filter(customer__among=pks, status=CardStatus.ACTIVE)
    held: dict[int, dict[str, tuple[int, int]]] = {}
    accounts = Account.objects.filter(card__in=of_these.values("pk"))
    for card, unit, balance, debt in accounts.values_list("card_id", "unit", "balance", "debt"):
        held.setdefault(card, {})[unit] = (balance, debt)
    programs = dict(Program.objects.non_polymorphic().in_bulk())
    for row in of_these.order_by("customer_id", "pk").values_list("pk", "program_id", *OF_A_CARD):
        pk, program, *who = row[:5]
        number, issued_at, expires_at, plan, period = row[5:]
        amounts, currency = held.get(pk, {}), programs[program].currency
        yield (
            *(*who, programs[program].slug, number, _day(issued_at, zone)),
            *(_last_day(expires_at, zone), plan, period),
            *(_amount(unit, amounts.get(unit), currency) for unit in UNITS),
            sum(_major(unit, debt, currency) for unit, (_had, debt) in amounts.items()) or "",
        )


def operations(pks: Sequence[int], zone: str) -> Iterator[Cells]:
    """Line by line of the ledger, each customer's in order."""
    found = Entry.objects.filter(account__card__customer__among=pks)
    rows = found.order_by("account__card__customer_id", "pk").values_list(*OF_AN_ENTRY)
    for at, *who, kind, unit, amount, after, by, why, currency in rows.iterator(AT_ONCE):
        amounts = (_major(unit, each, currency) for each in (amount, after))
        yield (at.isoformat(timespec="seconds"), *who, kind, unit, *amounts, by, why)


CONTACT = (
    *("email", "phone", "external_id", "first_name", "last_name", "birthday", "language"),
    "time_zone",
)
OF_A_CARD = (
    *("customer__email", "customer__phone", "customer__external_id"),
    *("number", "issued_at", "expires_at", "plan__name", "plan__period"),
)
OF_AN_ENTRY = (
    *("operation__at", "account__card__customer__email", "account__card__customer__phone"),
    *("account__card__customer__external_id", "account__card__program__slug"),
    *("account__card__number", "kind", "account__unit", "amount", "balance_after"),
    *("operation__actor", "operation__reason", "account__card__program__currency"),
)
UNITS = ("stamps", "rewards", "points", "visits", "uses", "money", "spent")
WHO = ("Email", "Phone", "External id")

TABLES = {
    "customers": Table(
        _("Customers"),
        (
            *(*WHO, "First name", "Last name", "Birthday", "Language", "Time zone", "Tags"),
            *("Email consent", "SMS consent", "Push consent", "Attributes", "Joined"),
        ),
        customers,
        bite=1_000,
    ),
    "cards": Table(
        _("Cards and balances"),
        (
            *(*WHO, "Program", "Card number", "Issued", "Expires", "Plan", "Period", "Stamps"),
            *("Rewards", "Points", "Visits", "Uses", "Balance", "Spent", "Owes"),
        ),
        cards,
        bite=1_000,
    ),
    "operations": Table(
        _("Operations"),
        (
            *("At", *WHO, "Program", "Card number", "Kind", "Unit", "Amount"),
            *("Balance after", "By", "Reason"),
        ),
        operations,
        bite=250,
    ),
}


def _day(moment: datetime, zone: str) -> date:
    return moment.astimezone(zones.zone(zone)).date()


def _last_day(over: datetime | None, zone: str) -> date | None:
    """The last day on which it is not over: an import reads it so."""
    return _day(over - timedelta(microseconds=1), zone) if over else None


def _amount(unit: str, held: tuple[int, int] | None, currency: str) -> Any:
    if held is None:
        return ""
    balance, _debt = held
    return _major(unit, balance, currency)


def _major(unit: str, amount: int, currency: str) -> int | Decimal:
    return Decimal(amount).scaleb(-decimals(currency)) if unit in MONEY else amount


def _yes_or_no(said: bool | None) -> str:
    return "" if said is None else "yes" if said else "no"
