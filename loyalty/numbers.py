"""Numbers as people write them: thousands in groups, and either sign before the decimals."""

import re
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from loyalty.cleaning import Unfit

LONGEST = 40
MOST_DIGITS = 13
GROUPS = "'’ \u00a0\u202f"
DASHES = "\\-\u2012-\u2015\u2212"
# Bookkeepers write what is owed as (5) or 5-: none of these is a currency's sign.
SIGNS = f"+(){DASHES}"


def read(written: str, decimal: str) -> Decimal:
    """The number, where `decimal` ("." or ",") stands before the decimals; a currency's sign before
    or after it is left out. Raises Unfit, as for any other way to say that it is below zero."""
    plain = re.sub(rf"^[^\d.,{SIGNS}]{{1,4}}|[^\d.,{SIGNS}]{{1,4}}$", "", written).strip()
    plain = re.sub(rf"(?<=[.,])[{DASHES}]+$", "", plain)  # 5.– in Switzerland
    plain = plain.replace("\u2212", "-")  # as our own pages write it
    group = "," if decimal == "." else "."
    for sign in GROUPS:
        plain = plain.replace(sign, group)
    if len(plain) > LONGEST or not _is_number(plain, decimal, group):
        raise Unfit(_("This is not a number."))
    try:
        return within(Decimal(plain.replace(group, "").replace(decimal, ".")))
    except InvalidOperation:
        raise Unfit(_("This is not a number.")) from None


def within(number: Decimal) -> Decimal:
    """Before it is turned into an integer, which takes as long as it is large."""
    if not number.is_finite() or number.adjusted() >= MOST_DIGITS:
        raise Unfit(_("This number is too large."))
    return number


def _is_number(plain: str, decimal: str, group: str) -> bool:
    """Thousands stand in groups of three, or not in groups at all: 1,5 is not fifteen."""
    digits = rf"(\d+|\d{{1,3}}({re.escape(group)}\d{{3}})+)"
    fraction = rf"({re.escape(decimal)}\d*)?"
    return bool(re.fullmatch(rf"[+-]?{digits}{fraction}", plain, re.ASCII))
