"""The tree: what a condition's JSON says, checked once and never changed again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from loyalty.cleaning import is_storable
from loyalty.errors import LoyaltyError
from loyalty.field_types import ANY, DATE, LIST, LONGEST, TEXT, Op
from loyalty.fields import EVERYTHING, Field, FieldSet

DEEPEST = 10
MOST_LEAVES = 200
MOST_DAYS = 36_500


class InvalidCondition(LoyaltyError):
    """This condition cannot be used.

    `path` leads to the culprit inside the condition: `any[0].not`, "" for the whole.
    """

    code = "invalid"

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Leaf:
    """`value` is read by the field's type; a tuple for `between` and `in`."""

    field: Field
    op: Op
    value: Any


@dataclass(frozen=True, slots=True)
class AllOf:
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    node: "Node"


Node = Leaf | AllOf | AnyOf | Not


def leaves(node: Node) -> Iterator[Leaf]:
    match node:
        case Leaf():
            yield node
        case Not(inner):
            yield from leaves(inner)
        case AllOf(nodes) | AnyOf(nodes):
            for below in nodes:
                yield from leaves(below)


def parse(tree: Any, fields: FieldSet = EVERYTHING) -> Node:
    """Read a condition as JSON has it; raises InvalidCondition at the first thing that is wrong.

    `{"all": […]}`, `{"any": […]}`, `{"not": …}` or a leaf `[field, operator, value]`.
    """
    node = _node(tree, fields, "", 1)
    if sum(1 for _leaf in leaves(node)) > MOST_LEAVES:
        raise InvalidCondition("", _("At most %(most)d comparisons.") % {"most": MOST_LEAVES})
    return node


def _node(tree: Any, fields: FieldSet, path: str, depth: int) -> Node:
    if depth > DEEPEST:
        raise InvalidCondition(path, _("Nested deeper than %(most)d levels.") % {"most": DEEPEST})
    match tree:
        case {"all": list(parts), **rest} if parts and not rest:
            return AllOf(_nodes(parts, fields, f"{path}.all", depth))
        case {"any": list(parts), **rest} if parts and not rest:
            return AnyOf(_nodes(parts, fields, f"{path}.any", depth))
        case {"not": part, **rest} if not rest:
            return Not(_node(part, fields, f"{path}.not", depth + 1))
        case [str(name), str(operator), value]:
            return _leaf(name, operator, value, fields, path.lstrip("."))
    raise InvalidCondition(
        path.lstrip("."),
        _('Must be {"all": […]}, {"any": […]}, {"not": …} or [field, operator, value].'),
    )


def _nodes(parts: list[Any], fields: FieldSet, path: str, depth: int) -> tuple[Node, ...]:
    return tuple(
        _node(part, fields, f"{path}[{place}]", depth + 1) for place, part in enumerate(parts)
    )


def _leaf(name: str, operator: str, value: Any, fields: FieldSet, path: str) -> Leaf:
    found = fields.find(name)
    if found is None:
        raise InvalidCondition(path, _("There is no field “%(name)s” here.") % {"name": name})
    if operator not in found.type.operators:
        known = ", ".join(found.type.operators)
        raise InvalidCondition(
            path,
            _("“%(name)s” has no operator “%(operator)s”, but: %(known)s.")
            % {"name": name, "operator": operator, "known": known},
        )
    op = Op(operator)
    return Leaf(found, op, _value(found, op, value, path))


def _value(found: Field, op: Op, value: Any, path: str) -> Any:
    match op:
        case Op.EXISTS:
            if isinstance(value, bool):
                return value
            raise InvalidCondition(path, _("“exists” takes true or false."))
        case Op.WITHIN_DAYS:
            if type(value) is int and 0 <= value <= MOST_DAYS:
                return value
            raise InvalidCondition(path, _("“within_days” takes a number of days."))
        case Op.IN:
            if isinstance(value, list) and 0 < len(value) <= MOST_LEAVES:
                return tuple(_one(found, op, each, path) for each in value)
            raise InvalidCondition(path, _("“in” takes a list of values."))
        case Op.BETWEEN:
            return _between(found, value, path)
    return _one(found, op, value, path)


def _between(found: Field, value: Any, path: str) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise InvalidCondition(path, _("“between” takes two values, from and to."))
    low, high = (_one(found, Op.BETWEEN, each, path) for each in value)
    if low > high:
        raise InvalidCondition(path, _("“between” takes the smaller value first."))
    return low, high


TEXTUAL = (Op.HAS, Op.HAS_NOT, Op.CONTAINS, Op.STARTS_WITH)
ORDERED = (Op.MORE, Op.AT_LEAST, Op.LESS, Op.AT_MOST, Op.BETWEEN)


def _one(found: Field, op: Op, value: Any, path: str) -> Any:
    """One value, read by the field's type, or by what the operator can compare with."""
    reader = TEXT if op in TEXTUAL or found.type is LIST else found.type
    read = reader.read(value)
    if reader is ANY and (isinstance(read, dict | tuple) or (op in ORDERED and _no_number(read))):
        read = DATE.read(read) if op in ORDERED else None
    if read is None:
        wanted = _("a number or a date") if op in ORDERED and reader is ANY else reader.wants
        raise InvalidCondition(
            path,
            _("“%(name)s” is compared with %(wanted)s.") % {"name": found.name, "wanted": wanted},
        )
    if found.choices and read not in found.choices:
        known = ", ".join(found.choices)
        raise InvalidCondition(
            path, _("“%(name)s” is one of: %(known)s.") % {"name": found.name, "known": known}
        )
    return _storable(read, path)


def is_of_days(value: Any) -> bool:
    """Whether that compares with a day, or with two."""
    first = value[0] if isinstance(value, tuple) and value else value
    return isinstance(first, date) and not isinstance(first, datetime)


def _no_number(value: Any) -> bool:
    return isinstance(value, bool) or not isinstance(value, int | float)


def _storable(value: Any, path: str) -> Any:
    if isinstance(value, str) and (len(value) > LONGEST or not is_storable(value)):
        raise InvalidCondition(
            path, _("A text of at most %(most)d plain characters.") % {"most": LONGEST}
        )
    return value
