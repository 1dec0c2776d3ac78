"""Money: an integer of minor units with its currency beside it; how it is counted and written."""

import re
from copy import copy
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency, get_currency_symbol, get_decimal_symbol
from django.core.validators import RegexValidator
from django.utils.translation import get_language, gettext_lazy, ngettext, to_locale
from django.utils.translation import gettext as _

from loyalty.cleaning import Unfit

# ISO 4217, list one: the currencies that do not have two decimals. Babel's table is another one
# (CLDR's): how many are usually shown, none for IQD or RSD, though amounts in them have theirs.
WITHOUT = {
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
    *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
}
WITH_THREE = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
WITH_FOUR = {"CLF", "UYW"}
IS_CURRENCY = RegexValidator(r"^[A-Z]{3}$", gettext_lazy("Three capital letters, e.g. USD."))
DECIMALS = dict.fromkeys(WITHOUT, 0) | dict.fromkeys(WITH_THREE, 3) | dict.fromkeys(WITH_FOUR, 4)


def decimals(currency: str) -> int:
    """How many digits of an amount in that currency stand after the point."""
    return DECIMALS.get(currency, 2)


def minor(amount: Decimal, currency: str) -> int:
    """19.9, `"USD"` → 1990, exactly. Raises Unfit where the currency has fewer decimals."""
    digits = decimals(currency)
    cents = amount.scaleb(digits)
    if cents == cents.to_integral_value():
        return int(cents)
    if not digits:
        raise Unfit(_("%(currency)s has no digits after the point.") % {"currency": currency})
    said = ngettext(
        "%(currency)s has %(digits)d digit after the point.",
        "%(currency)s has %(digits)d digits after the point.",
        digits,
    )
    raise Unfit(said % {"currency": currency, "digits": digits})


def reader() -> Locale:
    """As whoever reads this writes amounts."""
    return Locale.parse(to_locale(get_language() or "en"))


def decimal_sign() -> str:
    """What the reader puts before the decimals: a point or a comma."""
    return "," if get_decimal_symbol(reader()) == "," else "."


def typed(cents: int, currency: str) -> str:
    """19900, `"USD"` → "199.00", as the reader would type it: without a sign or thousands."""
    plain = f"{Decimal(cents).scaleb(-decimals(currency)):f}"
    return plain.replace(".", decimal_sign())


def written(cents: int, currency: str, locale: Locale | None = None) -> str:
    """19900, `"USD"` → "$199.00", as that locale writes it; without one, as the reader's does."""
    locale = locale or reader()
    digits = decimals(currency)
    amount = Decimal(cents).scaleb(-digits)
    pattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    # UTS 35 puts a space between letters and digits, "CHF 5"; Babel leaves it out.
    if get_currency_symbol(currency, locale)[-1:].isalpha():
        pattern.prefix = tuple(re.sub("¤$", "¤\xa0", sign) for sign in pattern.prefix)
    return str(format_currency(amount, currency, pattern, locale, currency_digits=False))
