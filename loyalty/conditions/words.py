"""A condition in plain words, for the people who read a chain."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, assert_never

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty import money
from loyalty.conditions.tree import AllOf, AnyOf, Leaf, Node, Not, leaves
from loyalty.field_types import MONEY, Op
from loyalty.models import Business

# Placeholders: the field's words, and what it is compared with.
SAYINGS: Mapping[Op, str | Promise] = {
    Op.IS: gettext_lazy("%(field)s is %(value)s"),
    Op.IS_NOT: gettext_lazy("%(field)s is not %(value)s"),
    Op.MORE: gettext_lazy("%(field)s is more than %(value)s"),
    Op.AT_LEAST: gettext_lazy("%(field)s is at least %(value)s"),
    Op.LESS: gettext_lazy("%(field)s is less than %(value)s"),
    Op.AT_MOST: gettext_lazy("%(field)s is at most %(value)s"),
    Op.BETWEEN: gettext_lazy("%(field)s is between %(value)s and %(to)s"),
    Op.IN: gettext_lazy("%(field)s is one of %(value)s"),
    Op.HAS: gettext_lazy("%(field)s has %(value)s"),
    Op.HAS_NOT: gettext_lazy("%(field)s does not have %(value)s"),
    Op.CONTAINS: gettext_lazy("%(field)s contains %(value)s"),
    Op.STARTS_WITH: gettext_lazy("%(field)s starts with %(value)s"),
    Op.EXISTS: gettext_lazy("%(field)s is known"),
    Op.WITHIN_DAYS: gettext_lazy("%(field)s is within the last %(value)s days"),
}
UNKNOWN = gettext_lazy("%(field)s is not known")
AHEAD = gettext_lazy("%(field)s is within the next %(value)s days")
ON_A_DAY: Mapping[Op, str | Promise] = {
    Op.MORE: gettext_lazy("%(field)s is after %(value)s"),
    Op.AT_LEAST: gettext_lazy("%(field)s is %(value)s or later"),
    Op.LESS: gettext_lazy("%(field)s is before %(value)s"),
    Op.AT_MOST: gettext_lazy("%(field)s is %(value)s or earlier"),
}


def sentence(node: Node) -> str:
    """`language is en and (aurora points is at least 500 or tags has vip)`; money is read as the
    shop's own."""
    has_money = any(leaf.field.type is MONEY for leaf in leaves(node))
    return _sentence(node, Business.get().currency if has_money else "")


def _sentence(node: Node, currency: str) -> str:
    match node:
        case Leaf():
            return _leaf(node, currency)
        case Not(inner):
            return _("not (%(what)s)") % {"what": _sentence(inner, currency)}
        case AllOf(nodes):
            return _(" and ").join(_grouped(below, currency) for below in nodes)
        case AnyOf(nodes):
            return _(" or ").join(_grouped(below, currency) for below in nodes)
    assert_never(node)


def _grouped(node: Node, currency: str) -> str:
    is_group = isinstance(node, AllOf | AnyOf) and len(node.nodes) > 1
    said = _sentence(node, currency)
    return f"({said})" if is_group else said


def _leaf(leaf: Leaf, currency: str) -> str:
    def said(value: Any) -> str:
        return _said(leaf, value, currency)

    words = {"field": str(leaf.field.label), "value": said(leaf.value)}
    match leaf.op:
        case Op.EXISTS if not leaf.value:
            saying = str(UNKNOWN)
        case Op.WITHIN_DAYS if leaf.field.is_ahead:
            saying = str(AHEAD)
        case Op.BETWEEN:
            saying = str(SAYINGS[leaf.op])
            words |= dict(zip(("value", "to"), map(said, leaf.value), strict=True))
        case _op:
            on_a_day = isinstance(leaf.value, date | time)
            saying = str((ON_A_DAY if on_a_day else {}).get(leaf.op, SAYINGS[leaf.op]))
    return saying % words


def _said(leaf: Leaf, value: Any, currency: str) -> str:
    match value:
        case tuple():
            return ", ".join(_said(leaf, each, currency) for each in value)
        case bool():
            return _("yes") if value else _("no")
        case int() if leaf.field.type is MONEY:
            return money.written(value, currency)
        case datetime():
            return _moment(value)
        case date():
            return formats.date_format(value, "DATE_FORMAT")
        case time():
            return value.strftime("%H:%M")
        case str():
            return str(leaf.field.choices.get(value, f"“{value}”"))
    return str(value)


def _moment(at: datetime) -> str:
    """On the reader's clock; midnight in UTC, which a bare date stands for, as that day."""
    if at.time() == time():
        return formats.date_format(at, "DATE_FORMAT")
    return formats.date_format(timezone.localtime(at), "DATETIME_FORMAT")
