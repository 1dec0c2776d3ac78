"""What may follow a `|` in a text. No filter fails on a value, grows with one, or takes long.

python-liquid's own filters are used where they keep to that; `replace`, `split`, `append` and the
rest do not (a chain of ten `replace` makes a text of 10¹⁰ characters).
"""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from liquid import RenderContext
from liquid.builtin.filters.array import first, last
from liquid.builtin.filters.misc import default, size
from liquid.filter import liquid_filter, with_context
from liquid.undefined import is_undefined

from loyalty.money import written as written_money
from loyalty.zones import zone

LONGEST_VALUE = 10_000  # characters of one value that are looked at
LONGEST_FORMAT = 60
MOST_ITEMS = 200
LARGEST = 10**15

NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
DIRECTIVE = re.compile(r"%-?[A-Za-z%]")
# strftime's letters, which templates everywhere use, as the patterns of babel, which knows the
# customer's language and cannot be told to pad to a gigabyte.
PATTERNS = {
    "%a": "EEE",
    "%A": "EEEE",
    "%b": "MMM",
    "%B": "MMMM",
    "%d": "dd",
    "%-d": "d",
    "%e": "d",
    "%H": "HH",
    "%-H": "H",
    "%I": "hh",
    "%-I": "h",
    "%m": "MM",
    "%-m": "M",
    "%M": "mm",
    "%p": "a",
    "%S": "ss",
    "%y": "yy",
    "%Y": "y",
}

# Under this name the render context holds the letterhead; no template can spell it.
LETTERHEAD = "\x02letterhead"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who speaks, and how the reader likes dates and money written."""

    business: str = ""
    address: str = ""
    currency: str = "USD"
    language: str = "en"
    time_zone: str = "UTC"


@lru_cache(maxsize=128)
def locale(language: str) -> Locale:
    """The locale of a language tag ("de-CH"); English for one that nobody knows."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale("en")


def written(value: object) -> str:
    """A value as it stands in a text; nothing for a missing one."""
    if value is None or is_undefined(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(written(item) for item in value[:MOST_ITEMS])[:LONGEST_VALUE]
    return str(value)[:LONGEST_VALUE]


# --- Text -----------------------------------------------------------------------------------------


@liquid_filter
def upper(value: object) -> str:
    return written(value).upper()


@liquid_filter
def lower(value: object) -> str:
    return written(value).lower()


@liquid_filter
def capitalize(value: object) -> str:
    return written(value).capitalize()


@liquid_filter
def strip(value: object) -> str:
    return written(value).strip()


@liquid_filter
def truncate(value: object, longest: object = 50) -> str:
    """The first characters, with an ellipsis for what was left out."""
    text, most = written(value), _number(longest)
    if most is None or len(text) <= most:
        return text
    return text[: max(int(most) - 1, 0)] + "…"


@liquid_filter
def join(value: object, between: object = ", ") -> str:
    items = value[:MOST_ITEMS] if isinstance(value, list | tuple) else [value]
    return written(between)[:LONGEST_FORMAT].join(map(written, items))[:LONGEST_VALUE]


# --- Dates and money ------------------------------------------------------------------------------


@with_context
@liquid_filter
def on_date(value: object, pattern: object = "", *, context: RenderContext) -> str:
    """A date or moment in the reader's language and zone; other values as they are."""
    head = _letterhead(context)
    when = _moment(value, head)
    if when is None:
        return written(value)
    wanted = written(pattern)[:LONGEST_FORMAT]
    if not wanted:
        return format_date(when, "long", locale(head.language))
    return DIRECTIVE.sub(lambda found: _directive(found[0], when, head), wanted)


def _directive(letter: str, when: datetime, head: Letterhead) -> str:
    if letter == "%%":
        return "%"
    pattern = PATTERNS.get(letter)
    return format_datetime(when, pattern, locale=locale(head.language)) if pattern else letter


def _moment(value: object, head: Letterhead) -> datetime | None:
    """Wall-clock time where the reader is, of what JSON wrote as ISO text."""
    try:
        when = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(when, date) and not isinstance(when, datetime):
            when = datetime(when.year, when.month, when.day)  # noqa: DTZ001 (a day has no zone)
        if not isinstance(when, datetime):
            return None
        return when.astimezone(zone(head.time_zone)).replace(tzinfo=None) if when.tzinfo else when
    except (ValueError, OverflowError):
        return None


@with_context
@liquid_filter
def money(value: object, currency: object = "", *, context: RenderContext) -> str:
    """An integer of minor units as an amount: 19900 → $199.00. Without a currency: the shop's."""
    head, cents = _letterhead(context), _number(value)
    if not isinstance(cents, int):
        return written(value)
    code = written(currency).upper()
    code = code if re.fullmatch(r"[A-Z]{3}", code) else head.currency
    return written_money(cents, code, locale(head.language))


def _letterhead(context: RenderContext) -> Letterhead:
    return cast(Letterhead, context.resolve(LETTERHEAD))


# --- Numbers --------------------------------------------------------------------------------------


def _calculating(operation: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    @liquid_filter
    def calculate(left: object, right: object) -> int | float | str:
        a, b = _number(left), _number(right)
        if a is None or b is None:
            return ""
        try:
            result = operation(a, b)
        except ZeroDivisionError:
            return ""
        return _number(round(result, 6)) or 0 if abs(result) < LARGEST else ""

    return calculate


def _number(value: object) -> int | float | None:
    """Whole where it can be; None for what is no number, or one beyond all use."""
    if isinstance(value, str) and NUMBER.fullmatch(value):
        value = float(value) if "." in value else int(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    if abs(value) > LARGEST:
        return None
    return int(value) if value == int(value) else value


FILTERS: dict[str, Callable[..., Any]] = {
    "capitalize": capitalize,
    "date": on_date,
    "default": default,
    "divided_by": _calculating(operator.floordiv),
    "downcase": lower,
    "first": first,
    "join": join,
    "last": last,
    "lower": lower,
    "minus": _calculating(operator.sub),
    "money": money,
    "plus": _calculating(operator.add),
    "size": size,
    "strip": strip,
    "times": _calculating(operator.mul),
    "truncate": truncate,
    "upcase": upper,
    "upper": upper,
}
