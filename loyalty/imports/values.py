"""What a cell says, in the form in which it is kept; raises `Unfit`."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import phonenumbers
from babel.core import get_global
from django.utils.translation import gettext as _

from loyalty import money, numbers
from loyalty.cleaning import FIRST_YEAR, LAST_YEAR, Unfit
from loyalty.imports.cells import Cell
from loyalty.money import decimals

DATE_ORDERS = ("dmy", "mdy", "ymd")
DECIMAL_SIGNS = (".", ",")
REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)

MOST = 10**9
LONGEST_PHONE = 16  # E.164: a plus and fifteen digits
# A spreadsheet's own sums miss by a hair: 0.1 + 0.2 is 0.30000000000000004 there too.
A_HAIR = Decimal("0.000001")

YES = {
    *("1", "true", "yes", "y", "x", "ja", "j", "oui", "o", "si", "sí", "s", "sim", "tak"),
    *("да", "on", "subscribed", "opted in", "opt in", "wahr", "vrai"),
}
NO = {
    *("0", "false", "no", "n", "nein", "non", "não", "nao", "nie", "нет", "off"),
    *("unsubscribed", "not subscribed", "opted out", "opt out", "falsch", "faux", "-"),
}
PERIODS = {
    "day": ("daily", "tag", "täglich", "jour", "día", "dia", "giorno"),
    "week": ("weekly", "woche", "wöchentlich", "semaine", "semana", "settimana"),
    "month": ("monthly", "monat", "monatlich", "mois", "mensuel", "mes", "mensual", "mese"),
    "year": ("yearly", "annual", "annually", "jahr", "jährlich", "an", "annuel", "año", "anual"),
}
# What our own export (and every careful one) puts before text that a spreadsheet would compute.
QUOTED = re.compile(r"\A'(?=[=+\-@\t\r'])")


def text(cell: Cell) -> str:
    """As it was written; 4144 of a spreadsheet is "4144", whatever it is shown as there."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return QUOTED.sub("", str(cell), count=1).strip()


def region_of(time_zone: str) -> str:
    """The country in which clocks go so; where phone numbers without a + are probably from."""
    found = get_global("zone_territories").get(time_zone, "")
    return found if found in REGIONS else "US"


def phone(cell: Cell, region: str) -> str:
    """E.164. Without a leading + (or 00) it is a number of that country."""
    written = text(cell)
    if not written:
        return ""
    try:
        number = phonenumbers.parse(re.sub(r"^00(?=[1-9])", "+", written), region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Unfit(_("This is not a phone number."))
    said = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    if len(said) > LONGEST_PHONE:
        raise Unfit(_("This is not a phone number."))
    return said


def day(cell: Cell, order: str) -> date | None:
    """A date in that order, or as ISO has it; a time of day after it is left out."""
    written = re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", text(cell))
    if not written:
        return None
    found = re.fullmatch(r"(\d{1,4})[./\- ](\d{1,2})[./\- ](\d{1,4})\.?", written)
    if found is None:
        raise Unfit(_("This is not a date, e.g. 1990-02-28."))
    parts = [int(each) for each in found.groups()]
    order = "ymd" if len(found[1]) == 4 else "dmy" if order == "ymd" else order
    named = dict(zip(order, parts, strict=True))
    try:
        year = named["y"] if named["y"] > 99 else _century(named["y"])
        said = date(year, named["m"], named["d"])
    except ValueError:
        raise Unfit(_("There is no such day.")) from None
    if not FIRST_YEAR <= said.year <= LAST_YEAR:
        raise Unfit(_("There is no such day."))
    return said


def _century(year: int) -> int:
    """Of two digits, as POSIX reads them."""
    return year + (1900 if year > 68 else 2000)


def period(cell: Cell) -> str:
    """One of `Period`, in whatever of the usual words."""
    said = text(cell).casefold()
    for meant, words in PERIODS.items():
        if said == meant or said in words:
            return meant
    raise Unfit(_("Write day, week, month or year."))


def json_object(cell: Cell) -> dict[str, Any]:
    try:
        found = json.loads(text(cell))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unfit(_("This is no JSON object."))
    return found


def yes_or_no(cell: Cell) -> bool | None:
    said = text(cell).casefold()
    if not said:
        return None
    if said not in YES | NO:
        raise Unfit(_("Write yes or no."))
    return said in YES


def whole(cell: Cell, decimal: str) -> int:
    """A whole number from 0; 12.0 is one."""
    number = _number(cell, decimal)
    if number != number.to_integral_value():
        raise Unfit(_("This must be a whole number."))
    return _bounded(int(number))


def cents(cell: Cell, decimal: str, currency: str) -> int:
    """Money in major units, as minor ones; never rounded but by a spreadsheet's hair."""
    amount = _number(cell, decimal)
    if isinstance(cell, float):
        nearest = round(amount, decimals(currency))
        amount = nearest if abs(amount - nearest) < A_HAIR else amount
    return _bounded(money.minor(amount, currency))


def _bounded(amount: int) -> int:
    if not 0 <= amount <= MOST:
        raise Unfit(_("This must lie between %(low)d and %(high)d.") % {"low": 0, "high": MOST})
    return amount


def _number(cell: Cell, decimal: str) -> Decimal:
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    return numbers.within(Decimal(repr(cell))) if is_number else numbers.read(text(cell), decimal)
