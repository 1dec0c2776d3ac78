"""What a row of a condition offers: its operators, the kind of its value, and hints."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from automations.editor.rows import NO, YES, Row
from loyalty import money
from loyalty.field_types import ANY, BOOLEAN, MONEY, NUMBER, FieldType, Op
from loyalty.fields import Field, FieldSet
from loyalty.models import Business


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
    is_other: bool = False  # a field that no list can hold, such as an attribute

    @property
    def input(self) -> str:
        return self.kind if self.kind in ("date", "time") else "text"


def drawn(row: Row, at: int, fields: FieldSet, listed: Collection[str]) -> Drawn:
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
        bool(row.field) and row.field not in listed,
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
    if kind is not MONEY or op == Op.EXISTS:
        return ""
    return _("In minor units: 1990 is %(amount)s.") % {
        "amount": money.written(1990, Business.get().currency)
    }


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
