"""A condition as rows of a form: field, operator, value, with all or any of them to hold.

What rows cannot say (nesting, `not`) is edited as JSON; the language itself is
`loyalty.conditions`, which has the last word on both.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from automations import filters
from loyalty.conditions import InvalidCondition
from loyalty.field_types import ANY, BOOLEAN, MONEY, MOST, NUMBER, FieldType, Op
from loyalty.fields import Field, FieldSet

MOST_ROWS = 30
YES, NO = "yes", "no"


class Unreadable(Exception):
    """What was typed into a row is not a value; the message says what is wanted."""


@dataclass(frozen=True, slots=True)
class Row:
    """As it stands in the form: texts. `upto` is the second value of `between`."""

    field: str = ""
    op: str = ""
    value: str = ""
    upto: str = ""
    error: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.field or self.value)


@dataclass(frozen=True, slots=True)
class Rows:
    join: str = "all"
    rows: tuple[Row, ...] = ()
    text: str | None = None  # the JSON, where rows cannot say it or staff would rather write it

    @property
    def is_text(self) -> bool:
        return self.text is not None

    @property
    def has_errors(self) -> bool:
        return any(row.error for row in self.rows)

    def or_one(self) -> "Rows":
        """With at least one row to fill in."""
        return self if self.rows or self.is_text else replace(self, rows=(Row(),))


# --- from the stored condition, and from what was posted -----------------------------------------


def from_tree(tree: Any, fields: FieldSet) -> Rows:
    match tree:
        case None:
            return Rows()
        case [str(), str(), _value]:
            return Rows("all", (_row(tree, fields),))
        case {"all": list(parts)} | {"any": list(parts)} if all(map(_is_leaf, parts)):
            join = "all" if "all" in tree else "any"
            return Rows(join, tuple(_row(part, fields) for part in parts))
    return Rows(text=json.dumps(tree, indent=2, ensure_ascii=False))


def from_post(data: Mapping[str, Any], prefix: str) -> Rows:
    """The rows as they were sent, after what the pressed row button asks for."""
    if f"{prefix}-text" in data:
        return Rows(text=str(data[f"{prefix}-text"]))
    total = data.get(f"{prefix}-total", "0")
    count = min(int(total), MOST_ROWS) if str(total).isdecimal() else 0
    rows = [
        Row(
            *(
                str(data.get(f"{prefix}-{at}-{part}", ""))
                for part in ("field", "op", "value", "upto")
            )
        )
        for at in range(count)
    ]
    join = "any" if data.get(f"{prefix}-join") == "any" else "all"
    return _pressed(Rows(join, tuple(rows)), str(data.get(f"{prefix}-rows", "")))


def _pressed(rows: Rows, button: str) -> Rows:
    match button.split("-"):
        case ["add"]:
            return replace(rows, rows=(*rows.rows, Row())[:MOST_ROWS])
        case ["remove", at] if at.isdecimal():
            kept = [row for place, row in enumerate(rows.rows) if place != int(at)]
            return replace(rows, rows=tuple(kept))
    return rows


def _is_leaf(part: Any) -> bool:
    return isinstance(part, list) and len(part) == 3


def _row(leaf: list[Any], fields: FieldSet) -> Row:
    name, op, value = leaf
    if op == Op.BETWEEN and isinstance(value, list) and len(value) == 2:
        return Row(name, op, _typed(value[0]), _typed(value[1]))
    if isinstance(value, list):
        return Row(name, op, ", ".join(map(_typed, value)))
    return Row(name, op, _typed(value))


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return str(value)


# --- to a condition ------------------------------------------------------------------------------


def to_tree(rows: Rows, fields: FieldSet) -> tuple[Any, Rows]:
    """The condition the rows say (None where they are blank), and the rows with their errors."""
    if rows.text is not None:
        try:
            return (json.loads(rows.text) if rows.text.strip() else None), rows
        except ValueError as error:
            raise Unreadable(_("This is not JSON: %(error)s.") % {"error": error}) from None
    filled = [row for row in rows.rows if not row.is_blank]
    read = [_leaf(row, fields) for row in filled]
    checked = replace(rows, rows=tuple(row for _leaf, row in read))
    leaves = [leaf for leaf, _row in read]
    return ({rows.join: leaves} if leaves else None), checked


def checked(tree: Any, rows: Rows, fields: FieldSet) -> Rows:
    """The language's own verdict on the tree that the rows made, written at the row it is about;
    raises Unreadable where it is about no row."""
    try:
        filters.check(tree, fields)
    except InvalidCondition as invalid:
        place = re.fullmatch(r"(?:all|any)\[(\d+)\]", invalid.path)
        if rows.is_text or place is None:
            where = f"{invalid.path}: " if invalid.path else ""
            raise Unreadable(f"{where}{invalid.message}") from None
        at = int(place[1])
        culprit = replace(rows.rows[at], error=invalid.message)
        return replace(rows, rows=(*rows.rows[:at], culprit, *rows.rows[at + 1 :]))
    return rows


def _leaf(row: Row, fields: FieldSet) -> tuple[list[Any], Row]:
    found = fields.find(row.field)
    if found is None:
        return [row.field, row.op, row.value], replace(row, error=_("Choose a field."))
    if row.op not in found.type.operators:
        return [row.field, row.op, row.value], replace(row, error=_("Choose how to compare."))
    try:
        return [row.field, row.op, _value(row, found)], row
    except Unreadable as error:
        return [row.field, row.op, row.value], replace(row, error=str(error))


def _value(row: Row, found: Field) -> Any:
    match Op(row.op):
        case Op.EXISTS:
            return row.value != NO
        case Op.WITHIN_DAYS:
            return _one(row.value, NUMBER)
        case Op.IN:
            return [_one(part, found.type) for part in row.value.split(",") if part.strip()]
        case Op.BETWEEN:
            return [_one(row.value, found.type), _one(row.upto, found.type)]
        case Op.HAS | Op.HAS_NOT | Op.CONTAINS | Op.STARTS_WITH:
            return row.value.strip()
    return _one(row.value, found.type)


def _one(text: str, kind: FieldType) -> Any:
    text = text.strip()
    if kind in (NUMBER, MONEY):
        if _number(text) is None:
            raise Unreadable(_("Type %(wanted)s.") % {"wanted": kind.wants})
        return _number(text)
    if kind is BOOLEAN:
        return text != NO
    if kind is ANY:
        return _guessed(text)
    return text


def _number(text: str) -> int | None:
    plain = text.removeprefix("-")
    return (
        int(text) if plain.isascii() and plain.isdecimal() and len(plain) < len(str(MOST)) else None
    )


def _guessed(text: str) -> Any:
    """A payload says 5 or true, not "5" or "true"; so a value for it is read the same way."""
    number = _number(text)
    return number if number is not None else {YES: True, NO: False}.get(text, text)
