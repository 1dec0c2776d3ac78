"""The conditions of triggers and steps: read, said, and checked against where they stand."""

import dataclasses
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from automations.inputs import Input
from automations.problems import refuse
from loyalty import conditions
from loyalty.conditions import InvalidCondition, Node
from loyalty.fields import EVERYTHING, FieldSet, of_programs


def _as_it_is(value: Any) -> Any:
    return value


# Their value is checked by `check`, which knows paths inside it.
_SCHEMA = {"description": '{"all": […]}, {"any": […]}, {"not": …} or [field, operator, value]'}
INPUT = Input(_as_it_is, _SCHEMA, required=True)
OPTIONAL = Input(_as_it_is, _SCHEMA)


def check(tree: Any, fields: FieldSet = EVERYTHING) -> Node:
    """Read it, and see that the programs it names exist; raises InvalidCondition."""
    node = conditions.parse(tree, fields)
    names = [leaf.field.name for leaf in conditions.leaves(node)]
    if fields.cards is None and any(name.startswith("cards.") for name in names):
        return conditions.parse(tree, dataclasses.replace(fields, cards=of_programs()))
    return node


def place(path: str, invalid: InvalidCondition) -> str:
    return f"{path}.{invalid.path}" if invalid.path else path


def read(tree: Any, fields: FieldSet, path: str) -> Any:
    """The tree as it came, once it is known to be sound; raises Invalid with the exact path."""
    try:
        check(tree, fields)
    except InvalidCondition as invalid:
        raise refuse(place(path, invalid), invalid.message) from None
    return tree


def sentence(tree: Any) -> str:
    """In plain words; of one that cannot be read, that."""
    try:
        return conditions.sentence(conditions.parse(tree))
    except InvalidCondition as invalid:
        return invalid.message


def problems(tree: Any, fields: FieldSet) -> list[str | Promise]:
    """Why it cannot be used where those fields can have a value."""
    try:
        node = conditions.parse(tree)
    except InvalidCondition as invalid:
        return [invalid.message]
    names = sorted({leaf.field.name for leaf in conditions.leaves(node)})
    return [
        _("“%(name)s” never has a value here.") % {"name": name}
        for name in names
        if fields.find(name) is None
    ]
