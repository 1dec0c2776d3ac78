"""The types of value a field can have, the operators each allows, and how a value is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LONGEST = 500  # characters of a text in a condition
MOST = 10**15  # beyond it a JSON number is no longer the same number everywhere

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\S+", re.ASCII)
CLOCK = re.compile(r"\d\d:\d\d", re.ASCII)

Read = TypeVar("Read")


class Op(StrEnum):
    IS = "="
    IS_NOT = "!="
    MORE = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="
    BETWEEN = "between"
    IN = "in"
    HAS = "has"
    HAS_NOT = "has_not"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    EXISTS = "exists"
    WITHIN_DAYS = "within_days"


SAME = (Op.IS, Op.IS_NOT)
ORDER = (Op.MORE, Op.AT_LEAST, Op.LESS, Op.AT_MOST, Op.BETWEEN)
PARTS = (Op.CONTAINS, Op.STARTS_WITH)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MOST
    return value if is_number else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _date(value: Any) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return _from_iso(date.fromisoformat, value, DAY)


def _moment(value: Any) -> datetime | None:
    """An instant in UTC; a bare date is its midnight in UTC."""
    read = value if isinstance(value, datetime) else None
    if isinstance(value, str):
        read = _from_iso(datetime.fromisoformat, value, INSTANT)
        if day := _date(value):
            read = datetime(day.year, day.month, day.day, tzinfo=UTC)
    try:
        return read.astimezone(UTC) if read and read.utcoffset() is not None else None
    except OverflowError:
        return None


def _time(value: Any) -> time | None:
    if isinstance(value, time):
        return value
    return _from_iso(time.fromisoformat, value, CLOCK)


def _list(value: Any) -> tuple[Any, ...] | None:
    return tuple(value) if isinstance(value, list | tuple) and value else None


def _any(value: Any) -> Any:
    """A value of JSON as it came; what is empty is nothing."""
    if isinstance(value, float):
        return value if abs(value) <= MOST else None
    if isinstance(value, dict):
        return value or None
    read = (reader(value) for reader in (_boolean, _number, _text, _list))
    return next((each for each in read if each is not None), None)


def _from_iso(parse: Callable[[str], Read], value: Any, shape: re.Pattern[str]) -> Read | None:
    """`fromisoformat` also reads week dates and other forms that nobody means."""
    if not isinstance(value, str) or not shape.fullmatch(value):
        return None
    try:
        return parse(value)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class FieldType:
    """`read` takes what a row, a payload or a condition holds and answers it as a Python value,
    or None for nothing (what is empty, or of another type); `wants` says what a value must be."""

    name: str
    read: Callable[[Any], Any]
    operators: tuple[Op, ...]
    wants: str | Promise = ""


TEXT = FieldType("text", _text, (*SAME, Op.IN, *PARTS, Op.EXISTS), _("a text"))
CHOICE = FieldType("choice", _text, (*SAME, Op.IN, Op.EXISTS), _("one of its choices"))
NUMBER = FieldType("number", _number, (*SAME, *ORDER, Op.IN, Op.EXISTS), _("a whole number"))
MONEY = FieldType(
    "money",
    _number,
    NUMBER.operators,
    _("a whole number of minor units (in dollars, 1990 is 19.90)"),
)
BOOLEAN = FieldType("boolean", _boolean, SAME, _("true or false"))
DATE = FieldType("date", _date, (*SAME, *ORDER, Op.EXISTS), _("a date such as 2026-11-30"))
MOMENT = FieldType(
    "moment",
    _moment,
    (*ORDER, Op.EXISTS, Op.WITHIN_DAYS),
    _("a date, or a moment with its offset such as 2026-11-30T18:00:00+01:00"),
)
TIME = FieldType("time", _time, (*SAME, *ORDER), _("a time of day such as 18:30"))
LIST = FieldType("list", _list, (Op.HAS, Op.HAS_NOT, Op.EXISTS), _("a text"))
ANY = FieldType(
    "any",
    _any,
    (*SAME, *ORDER, Op.IN, Op.HAS, Op.HAS_NOT, *PARTS, Op.EXISTS),
    _("a text, a number, true or false"),
)

# How the annotations of an event's dataclass read as field types.
OF_PYTHON: Mapping[type, FieldType] = {
    str: TEXT,
    int: NUMBER,
    bool: BOOLEAN,
    date: DATE,
    datetime: MOMENT,
    list: LIST,
    tuple: LIST,
}
