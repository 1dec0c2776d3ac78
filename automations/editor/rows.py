"""A condition as rows of a form: field, operator, value, with all or any of them to hold.

What rows cannot say (nesting, `not`) is edited as JSON; the language itself is
`loyalty.conditions`, which has the last word on both.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

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

    def or_one(self) -> "Rows":
        """With at least one row to fill in."""
        return self if self.rows or self.is_text else replace(self, rows=(Row(),))


# --- from the stored condition, and from what was posted --------------------------------------------


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
        Row(*(str(data.get(f"{prefix}-{at}-{part}", "")) for part in ("field", "op", "value", "upto")))
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


# --- to a condition ---------------------------------------------------------------------------------


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
    return int(text) if plain.isascii() and plain.isdecimal() and len(plain) < len(str(MOST)) else None


def _guessed(text: str) -> Any:
    """A payload says 5 or true, not "5" or "true"; so a value for it is read the same way."""
    number = _number(text)
    return number if number is not None else {YES: True, NO: False}.get(text, text)


# --- what the form offers ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawn:
    """One row with everything its widgets need."""

    row: Row
    at: int
    operators: list[tuple[str, str]] = field(default_factory=list)
    kind: str = "text"  # of the value's input: text, number, date, time, choice
    choices: list[tuple[str, str]] = field(default_factory=list)
    is_span: bool = False
    hint: str = ""


def drawn(row: Row, at: int, fields: FieldSet) -> Drawn:
    found = fields.find(row.field) if row.field else None
    kind = found.type if found else ANY
    op = row.op if row.op in kind.operators else kind.operators[0]
    choices = _choices(found, kind, op)
    return Drawn(
        replace(row, op=str(op)),
        at,
        [(str(each), operator_label(each, kind)) for each in kind.operators],
        "choice" if choices else _kind(kind, Op(op)),
        choices,
        op == Op.BETWEEN,
        _hint(kind, Op(op)),
    )


def _choices(found: Field | None, kind: FieldType, op: str) -> list[tuple[str, str]]:
    if op == Op.EXISTS or kind is BOOLEAN:
        return [(YES, _("yes")), (NO, _("no"))]
    if found and found.choices and op != Op.IN:
        return [(value, str(label)) for value, label in found.choices.items()]
    return []


def _kind(kind: FieldType, op: Op) -> str:
    if op == Op.IN:
        return "text"
    if op == Op.WITHIN_DAYS or kind in (NUMBER, MONEY):
        return "number"
    return {"date": "date", "moment": "date", "time": "time"}.get(kind.name, "text")


def _hint(kind: FieldType, op: Op) -> str:
    if op == Op.IN:
        return _("Several, with commas between them.")
    return _("In minor units: 1990 is 19.90.") if kind is MONEY else ""


def operator_label(op: Op, kind: FieldType) -> str:
    """How the operator reads between a field and a value of that type."""
    if kind.name in ("date", "moment", "time") and op in _of_time():
        return _of_time()[op]
    return _of_things()[op]


def _of_time() -> dict[Op, str]:
    return {
        Op.MORE: _("is after"),
        Op.AT_LEAST: _("is not before"),
        Op.LESS: _("is before"),
        Op.AT_MOST: _("is not after"),
    }


def _of_things() -> dict[Op, str]:
    return {
        Op.IS: _("is"),
        Op.IS_NOT: _("is not"),
        Op.MORE: _("is more than"),
        Op.AT_LEAST: _("is at least"),
        Op.LESS: _("is less than"),
        Op.AT_MOST: _("is at most"),
        Op.BETWEEN: _("is between"),
        Op.IN: _("is one of"),
        Op.HAS: _("has"),
        Op.HAS_NOT: _("does not have"),
        Op.CONTAINS: _("contains"),
        Op.STARTS_WITH: _("begins with"),
        Op.EXISTS: _("is known"),
        Op.WITHIN_DAYS: _("is within days"),
    }
