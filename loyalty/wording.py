"""What cards hold and what was done to them, in the words that staff and customers read."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from loyalty import money
from loyalty.models import Account, Entry, Operation, Program
from loyalty.postings import Kind

UNITS = {
    "stamps": ngettext_lazy("%(n)d stamp", "%(n)d stamps", "n"),
    "rewards": ngettext_lazy("%(n)d reward", "%(n)d rewards", "n"),
    "points": ngettext_lazy("%(n)d point", "%(n)d points", "n"),
    "visits": ngettext_lazy("%(n)d visit", "%(n)d visits", "n"),
    "uses": ngettext_lazy("%(n)d use", "%(n)d uses", "n"),
}
# The keys of what staff post by hand: at once, and once a second person has agreed.
BY_HAND = ("by-hand:", "adjustment:")


def counted(program: Program, unit: str, n: int) -> str:
    """“3 stamps”, “$4.50”."""
    words = None if program.currency_of(unit) else UNITS.get(unit)
    return str(words % {"n": n}) if words else program.amount_of(unit, n)


def number(program: Program, unit: str, n: int) -> str:
    """“3”, “$4.50”: where the unit stands beside it."""
    currency = program.currency_of(unit)
    return money.written(n, currency) if currency else str(n)


def signed(program: Program, unit: str, n: int) -> str:
    """“+3 stamps”, “−$4.50”."""
    return f"{'−' if n < 0 else '+'}{counted(program, unit, abs(n))}"


def holds(account: Account, program: Program) -> str:
    """“3 stamps”, “$4.50”, “$120.00 spent”: of a card that holds several things."""
    said = counted(program, account.unit, account.balance)
    if account.unit == "spent":
        return _("%(amount)s spent") % {"amount": said}
    return said


def change(entry: Entry, program: Program) -> str:
    """“+3 stamps”; what was spent says so beside what it earned."""
    said = signed(program, entry.account.unit, entry.amount)
    if entry.account.unit == "spent":
        return _("%(amount)s spent") % {"amount": said}
    return said


def changed(entry: Entry, program: Program) -> str:
    """“+3 stamps → 7”: with what was left."""
    left = number(program, entry.account.unit, entry.balance_after)
    return f"{change(entry, program)} → {left}"


def changes(operation: Operation) -> list[str]:
    """What it did to each account of its card, in order."""
    program = operation.card.program
    return [change(entry, program) for entry in operation.entries.all()]


def done(operation: Operation) -> str:
    """“Given”, “Redeemed”, “Taken by hand”."""
    if operation.key.startswith(BY_HAND):
        match operation.kind:
            case Kind.ACCRUE:
                return _("Given by hand")
            case Kind.REDEEM:
                return _("Taken by hand")
    return str(Kind(operation.kind).label)
