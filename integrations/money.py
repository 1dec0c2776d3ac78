"""Amounts as other systems write them, as integers of minor units."""

import re
from decimal import Decimal

from loyalty.money import decimals

# Digits alone: as a number, the ten letters 1E+1000000 keep a processor busy for 43 seconds.
AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,10})?", re.ASCII)


def minor_units(amount: str, currency: str) -> int:
    """`"199.00"`, `"USD"` → 19900, exactly. Raises ValueError for anything else than digits and a
    point, and where the currency has fewer decimals than the amount needs."""
    if not AMOUNT.fullmatch(amount):
        raise ValueError(amount)
    units = Decimal(amount).scaleb(decimals(currency))
    if units != units.to_integral_value():
        raise ValueError(amount)
    return int(units)
