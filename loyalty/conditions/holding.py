"""Whether a condition holds, over facts in memory."""

import operator
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, assert_never

from loyalty.conditions.tree import AllOf, AnyOf, Leaf, Node, Not, is_of_days
from loyalty.facts import Facts
from loyalty.field_types import ANY, DATE, Op


def holds(node: Node, facts: Facts) -> bool:
    """Never raises: a comparison with nothing is false, `!=` and `has_not` of nothing are true."""
    match node:
        case Leaf():
            return _leaf(node, facts)
        case AllOf(nodes):
            return all(holds(below, facts) for below in nodes)
        case AnyOf(nodes):
            return any(holds(below, facts) for below in nodes)
        case Not(inner):
            return not holds(inner, facts)
    assert_never(node)


def _leaf(leaf: Leaf, facts: Facts) -> bool:
    value = facts.read(leaf.field)
    if leaf.field.type is ANY and is_of_days(leaf.value):
        value = DATE.read(value)
    match leaf.op:
        case Op.EXISTS:
            return (value is not None) is leaf.value
        case Op.IS_NOT:
            return not _same(value, leaf.value)
        case Op.HAS_NOT:
            return not _has(value, leaf.value)
        case Op.WITHIN_DAYS:
            return value is not None and _within(leaf, value, facts)
    return value is not None and TESTS[leaf.op](value, leaf.value)


def _within(leaf: Leaf, value: Any, facts: Facts) -> bool:
    """Days of 24 hours: those gone by, or for what lies ahead (an expiry) those to come."""
    reach = timedelta(days=leaf.value)
    ahead: timedelta = value - facts.now if leaf.field.is_ahead else facts.now - value
    return timedelta(0) <= ahead <= reach


def _same(value: Any, wanted: Any) -> bool:
    """True is no 1 here, though Python says so."""
    return isinstance(value, bool) is isinstance(wanted, bool) and bool(value == wanted)


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(value: Any, wanted: Any) -> bool:
        """Numbers with numbers only: a payload may hold a text where a number is asked for."""
        return _is_number(value) is _is_number(wanted) and _comparable(value, wanted, test)

    return compare


def _comparable(value: Any, wanted: Any, test: Callable[[Any, Any], bool]) -> bool:
    return (_is_number(value) or type(value) is type(wanted)) and test(value, wanted)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _between(value: Any, wanted: Any) -> bool:
    low, high = wanted
    return TESTS[Op.AT_LEAST](value, low) and TESTS[Op.AT_MOST](value, high)


def _has(value: Any, wanted: str) -> bool:
    return isinstance(value, tuple) and wanted in value


TESTS: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.IS: _same,
    Op.MORE: _ordered(operator.gt),
    Op.AT_LEAST: _ordered(operator.ge),
    Op.LESS: _ordered(operator.lt),
    Op.AT_MOST: _ordered(operator.le),
    Op.BETWEEN: _between,
    Op.IN: lambda value, wanted: any(_same(value, each) for each in wanted),
    Op.HAS: _has,
    Op.CONTAINS: lambda value, wanted: isinstance(value, str) and wanted in value,
    Op.STARTS_WITH: lambda value, wanted: isinstance(value, str) and value.startswith(wanted),
}
