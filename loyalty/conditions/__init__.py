"""The condition language: one parsed tree, read in Python over facts in memory, or in SQL.

    node = conditions.parse({"any": [["cards.aurora.points", ">=", 500]]})
    conditions.holds(node, facts)
    Customer.objects.filter(conditions.as_q(node, now))

docs/automations.md has the language.
"""

from loyalty.conditions.holding import holds
from loyalty.conditions.sql import NotInSQL, as_q
from loyalty.conditions.tree import (
    MOST_LEAVES,
    AllOf,
    AnyOf,
    InvalidCondition,
    Leaf,
    Node,
    Not,
    leaves,
    parse,
)
from loyalty.conditions.words import sentence

__all__ = [
    "MOST_LEAVES",
    "AllOf",
    "AnyOf",
    "InvalidCondition",
    "Leaf",
    "Node",
    "Not",
    "NotInSQL",
    "as_q",
    "holds",
    "leaves",
    "parse",
    "sentence",
]
