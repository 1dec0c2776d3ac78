"""What can leave the house as a table. Headers are those that an import understands at once."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loyalty.models import Account, Card, Customer, Entry
from loyalty.money import decimals

# Units of money, which leave in major units; cashback's points are money as well.
MONEY = ("money", "spent")
AT_ONCE = 1_000
Cells = Sequence[object]


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are those of the given customers, read some at a time."""

    label: str | Promise
    header: tuple[str, ...]
    rows: "Callable[[QuerySet[Customer]], Iterator[Cells]]"


def customers(found: "QuerySet[Customer]") -> Iterator[Cells]:
    for each in _some(found):
        yield (
            *(each.email, each.phone, each.external_id, each.first_name, each.last_name),
            *(each.birthday, each.language, each.time_zone, ", ".join(each.tags)),
            *(_yes_or_no(each.consents.get(name)) for name in ("email", "sms", "push")),
            json.dumps(each.attributes, ensure_ascii=False) if each.attributes else "",
            each.created_at.isoformat(timespec="seconds"),
        )


def cards(found: "QuerySet[Customer]") -> Iterator[Cells]:
    """With what each holds: the balances."""
    held = Card.objects.active().select_related("program").order_by("pk")
    held = held.prefetch_related(Prefetch("accounts", queryset=Account.objects.order_by("pk")))
    for customer in _some(found.prefetch_related(Prefetch("cards", queryset=held))):
        for card in customer.cards.all():
            amounts = {each.unit: each for each in card.accounts.all()}
            yield (
                *(customer.email, customer.phone, customer.external_id, card.program.slug),
                *(card.number, card.issued_at.date(), card.expires_at and card.expires_at.date()),
                *(_amount(amounts.get(unit), card.program.currency) for unit in UNITS),
                sum(each.debt for each in amounts.values()) or "",
            )


def operations(found: "QuerySet[Customer]") -> Iterator[Cells]:
    """Line by line of the ledger, each customer's in order."""
    entries = Entry.objects.select_related(
        "operation", "account__card__program", "account__card__customer"
    )
    for pks in _bites(found):
        of_these = entries.filter(account__card__customer__in=pks).order_by("pk")
        for each in of_these.iterator(chunk_size=AT_ONCE):
            card, operation = each.account.card, each.operation
            yield (
                operation.at.isoformat(timespec="seconds"),
                *(card.customer.email, card.customer.phone, card.customer.external_id),
                *(card.program.slug, card.number, each.kind, each.account.unit, each.amount),
                *(each.balance_after, operation.actor, operation.reason),
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
    ),
    "cards": Table(
        _("Cards and balances"),
        (
            *(*WHO, "Program", "Card number", "Issued", "Expires", "Stamps", "Rewards", "Points"),
            *("Visits", "Uses", "Balance", "Spent", "Owes"),
        ),
        cards,
    ),
    "operations": Table(
        _("Operations"),
        (
            *("At", *WHO, "Program", "Card number", "Kind", "Unit", "Amount"),
            *("Balance after", "By", "Reason"),
        ),
        operations,
    ),
}


def _some(found: "QuerySet[Customer]") -> "Iterator[Customer]":
    """All of them, in the order of their numbers, and never all in memory."""
    return found.order_by("pk").iterator(chunk_size=AT_ONCE)


def _bites(found: "QuerySet[Customer]") -> Iterator[list[int]]:
    pks: list[int] = []
    for pk in found.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=AT_ONCE):
        pks.append(pk)
        if len(pks) == AT_ONCE:
            yield pks
            pks = []
    if pks:
        yield pks


def _amount(account: Account | None, currency: str) -> object:
    if account is None:
        return ""
    if account.unit in MONEY:
        digits = decimals(currency)
        return f"{Decimal(account.balance).scaleb(-digits):.{digits}f}"
    return account.balance


def _yes_or_no(said: bool | None) -> str:
    return "" if said is None else "yes" if said else "no"
