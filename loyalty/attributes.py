"""What a shop keeps of its customers besides, by the types it has defined.

An attribute that nobody defined stays as it came. One that is defined is made fit wherever it is
written; what is empty is left out.
"""

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from loyalty.cleaning import LARGEST, Unfit, day, text, yes_or_no
from loyalty.field_types import BOOLEAN, CHOICE, DATE, NUMBER, TEXT, FieldType
from loyalty.fields import Field
from loyalty.models import Attribute
from loyalty.models.attribute import AttributeType

LONGEST_TEXT = 500
_text = text(LONGEST_TEXT)
FIELD_TYPES: Mapping[AttributeType, FieldType] = {
    AttributeType.TEXT: TEXT,
    AttributeType.NUMBER: NUMBER,
    AttributeType.DATE: DATE,
    AttributeType.CHOICE: CHOICE,
    AttributeType.BOOLEAN: BOOLEAN,
}
YES, NO = ("yes", "true"), ("no", "false")


def defined(*slugs: str) -> dict[str, Attribute]:
    """All that are defined, in their order, or those of them; by slug."""
    found = Attribute.objects.filter(slug__in=slugs) if slugs else Attribute.objects.all()
    return {each.slug: each for each in found}


def as_fields() -> dict[str, Field]:
    """The fields that conditions have for all that are defined, by name."""
    found = defined()
    return {
        f"customer.attributes.{slug}": Field(
            f"customer.attributes.{slug}",
            FIELD_TYPES[AttributeType(each.type)],
            each.label,
            choices={choice: choice for choice in each.choices},
        )
        for slug, each in found.items()
    }


def fit(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values in the form in which they are kept; raises Unfit, naming the attribute. Asks the
    database once, where there is anything to ask."""
    known = defined(*values) if values else {}
    clean = {}
    for name, value in values.items():
        found = cleaned(known[name], value) if name in known else value
        if name not in known or found is not None:
            clean[name] = found
    return clean


def cleaned(attribute: Attribute, value: Any) -> Any:
    """One value of that attribute; None for nothing. Raises Unfit."""
    if value is None or value == "":
        return None
    try:
        return _BY_TYPE[AttributeType(attribute.type)](attribute, value)
    except Unfit as reason:
        said = {"label": attribute.label, "reason": reason}
        raise Unfit(_("%(label)s: %(reason)s") % said) from None


def from_text(attribute: Attribute | None, written: str) -> Any:
    """What somebody typed, as a value: of the attribute's type, else a number, yes, no or a text.
    Raises Unfit."""
    written = written.strip()
    kind = attribute.type if attribute else ""
    value: Any = written
    if kind == AttributeType.BOOLEAN or (not kind and written.lower() in (*YES[1:], *NO[1:])):
        value = {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}.get(written.lower(), value)
    elif kind in ("", AttributeType.NUMBER):
        value = _number_in(written)
        if not kind and str(value) != written:  # 007 is no number, and nobody said that it is one
            value = written
    return cleaned(attribute, value) if attribute else value


def _number_in(written: str) -> Any:
    for read in (int, float):
        try:
            number = read(written)
        except ValueError:
            continue
        if math.isfinite(number) and abs(number) <= LARGEST:
            return number
    return written


def _as_text(attribute: Attribute, value: Any) -> str:
    return str(_text(value))


def _as_number(attribute: Attribute, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit(_("This must be a number."))
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise Unfit(_("This number is too large."))
    return value


def _as_date(attribute: Attribute, value: Any) -> str:
    """As JSON keeps it: 2026-11-30."""
    found: date | None = day(value)
    if found is None:
        raise Unfit(_("This must be a date."))
    return found.isoformat()


def _as_choice(attribute: Attribute, value: Any) -> str:
    if value not in attribute.choices:
        raise Unfit(_("Choose one of: %s.") % ", ".join(attribute.choices))
    return str(value)


def _as_boolean(attribute: Attribute, value: Any) -> bool:
    return yes_or_no(value)


_BY_TYPE: Mapping[AttributeType, Callable[[Attribute, Any], Any]] = {
    AttributeType.TEXT: _as_text,
    AttributeType.NUMBER: _as_number,
    AttributeType.DATE: _as_date,
    AttributeType.CHOICE: _as_choice,
    AttributeType.BOOLEAN: _as_boolean,
}
