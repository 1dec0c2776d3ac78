"""What comes from outside is made fit here, or refused with a sentence for each field.

The two databases disagree about NUL characters, lone surrogates, text that is too long, NaN,
integers beyond 2⁶³ and years near 9999: none of these gets past this module, so neither is asked.

A cleaner takes a value and gives back the clean one, or raises `Unfit`; `cleaned` applies a table
of them. None stands for "nothing" and passes where a cleaner says so.
"""

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext as _

from loyalty.errors import Invalid

Cleaner = Callable[[Any], Any]

MOST_CENTS = 10**12
LARGEST = 2**63 - 1
DEEPEST_JSON = 16
FIRST_YEAR, LAST_YEAR = 1900, 9000


class Unfit(Exception):
    """This value cannot be used; the message says why."""


def cleaned(values: Mapping[str, Any], cleaners: Mapping[str, Cleaner]) -> dict[str, Any]:
    """Every value made fit; raises Invalid that names all that are not, unknown fields included."""
    clean: dict[str, Any] = {}
    problems: dict[str, list[str]] = {}
    for name, value in values.items():
        try:
            clean[name] = cleaners.get(name, unknown)(value)
        except Unfit as reason:
            problems[name] = [str(reason)]
    if problems:
        raise Invalid(problems)
    return clean


# --- Cleaners -------------------------------------------------------------------------------------


def unknown(value: Any) -> Any:
    raise Unfit(_("There is no such field."))


def text(longest: int, *, required: bool = False) -> Cleaner:
    """Text without control characters that databases refuse, stripped; None is ""."""

    def clean(value: Any) -> str:
        if value is None:
            value = ""
        if not isinstance(value, str):
            raise Unfit(_("This must be text."))
        _require_storable(value)
        value = value.strip()
        if len(value) > longest:
            raise Unfit(_("This is longer than %d characters.") % longest)
        if required and not value:
            raise Unfit(_("Say something here."))
        return str(value)

    return clean


def key(longest: int) -> Cleaner:
    """1 to `longest` printable ASCII characters."""

    def clean(value: Any) -> str:
        if not isinstance(value, str) or not 1 <= len(value) <= longest:
            raise Unfit(_("A key has 1 to %d characters.") % longest)
        if not (value.isascii() and value.isprintable()):
            raise Unfit(_("A key is printable ASCII."))
        return value

    return clean


def integer(lowest: int, highest: int) -> Cleaner:
    """A whole number within bounds; true and 1.0 are none."""

    def clean(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Unfit(_("This must be a whole number."))
        if not lowest <= value <= highest:
            raise Unfit(
                _("This must lie between %(low)d and %(high)d.") % {"low": lowest, "high": highest}
            )
        return value

    return clean


cents = integer(0, MOST_CENTS)


def yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit(_("This must be true or false."))
    return value


def moment(value: Any) -> datetime | None:
    """An aware datetime, or its ISO text, as UTC; None passes."""
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise Unfit(_("This is not a date and time, e.g. 2026-11-22T09:30:00Z.")) from None
    if not isinstance(value, datetime):
        raise Unfit(_("This must be a date and time."))
    if value.tzinfo is None:
        raise Unfit(_("Say the time zone, e.g. 2026-11-22T09:30:00Z."))
    _require_sane_year(value)
    return value.astimezone(UTC)


def day(value: Any) -> date | None:
    """A date, or its ISO text; None and "" are none."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise Unfit(_("This is not a date, e.g. 1990-02-28.")) from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Unfit(_("This must be a date."))
    _require_sane_year(value)
    return value


def choice(*choices: str) -> Cleaner:
    def clean(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise Unfit(_("Choose one of: %s.") % ", ".join(choices))
        return value

    return clean


def json_object(most_bytes: int) -> Cleaner:
    """A JSON object of at most that many bytes that both databases store alike."""

    def clean(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Unfit(_("This must be an object."))
        _require_json(value, most_bytes)
        return value

    return clean


def json_list(longest: int, most_bytes: int) -> Cleaner:
    """A JSON list of at most that many items and bytes."""

    def clean(value: Any) -> list[Any]:
        if not isinstance(value, list) or len(value) > longest:
            raise Unfit(_("This must be a list of at most %d.") % longest)
        _require_json(value, most_bytes)
        return value

    return clean


# --- What must hold -------------------------------------------------------------------------------


def is_storable(value: str) -> bool:
    """Whether both databases take it: no NUL, no half of a surrogate pair."""
    return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def _require_storable(value: str) -> None:
    if not is_storable(value):
        raise Unfit(_("This holds characters that cannot be stored."))


def _require_sane_year(value: date) -> None:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Unfit(
            _("The year must lie between %(low)d and %(high)d.")
            % {"low": FIRST_YEAR, "high": LAST_YEAR}
        )


def _require_json(value: Any, most_bytes: int) -> None:
    _require_json_value(value, DEEPEST_JSON)
    if len(json.dumps(value, ensure_ascii=False).encode()) > most_bytes:
        raise Unfit(_("This is larger than %d bytes.") % most_bytes)


def _require_json_value(value: Any, levels: int) -> None:
    if levels == 0:
        raise Unfit(_("This is nested too deeply."))
    if isinstance(value, dict):
        for name in value:
            _require_json_leaf(name)
    if isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            _require_json_value(item, levels - 1)
    else:
        _require_json_leaf(value)


def _require_json_leaf(value: Any) -> None:
    match value:
        case None | bool():
            return
        case str():
            _require_storable(value)
        case int() | float():
            if not math.isfinite(value) or abs(value) > LARGEST:
                raise Unfit(_("This holds a number that cannot be stored."))
        case _:
            raise Unfit(_("This holds something that is not JSON."))
