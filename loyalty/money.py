"""Money: an integer of minor units with its currency beside it; how it is counted and written."""

import re
from copy import copy
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency, get_currency_symbol
from django.utils.translation import get_language, to_locale

# ISO 4217, list one: the currencies that do not have two decimals. Babel's table is another one
# (CLDR's): how many are usually shown, none for IQD or RSD, though amounts in them have theirs.
WITHOUT = {
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
    *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
}
WITH_THREE = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
WITH_FOUR = {"CLF", "UYW"}
DECIMALS = dict.fromkeys(WITHOUT, 0) | dict.fromkeys(WITH_THREE, 3) | dict.fromkeys(WITH_FOUR, 4)


def decimals(currency: str) -> int:
    """How many digits of an amount in that currency stand after the point."""
    return DECIMALS.get(currency, 2)


def written(cents: int, currency: str, locale: Locale | None = None) -> str:
    """19900, `"USD"` → "$199.00", as that locale writes it; without one, as the reader's does."""
    locale = locale or Locale.parse(to_locale(get_language() or "en"))
    digits = decimals(currency)
    amount = Decimal(cents).scaleb(-digits)
    pattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    # UTS 35 puts a space between letters and digits, "CHF 5"; Babel leaves it out.
    if get_currency_symbol(currency, locale)[-1:].isalpha():
        pattern.prefix = tuple(re.sub("¤$", "¤\xa0", sign) for sign in pattern.prefix)
    return str(format_currency(amount, currency, pattern, locale, currency_digits=False))
