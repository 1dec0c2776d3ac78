"""How many customers a condition holds for at this moment, where the database can tell."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automations.editor import rows
from automations.editor.forms import ConditionField
from loyalty import clock, conditions
from loyalty.conditions import InvalidCondition, NotInSQL
from loyalty.models import Customer


def of_form(form: forms.BaseForm) -> str:
    """“12 of 40 customers match now”, for the condition as it stands in the form; nothing where
    the form has none, or only the event can tell."""
    for name, field in form.fields.items():
        if isinstance(field, ConditionField):
            return words(_tree(form[name].value(), field))
    return ""


def _tree(value: Any, field: ConditionField) -> Any:
    if not isinstance(value, rows.Rows):
        return value
    try:
        tree, checked = rows.to_tree(value, field.fields)
    except rows.Unreadable:
        return None
    return None if checked.has_errors else tree


def words(tree: Any) -> str:
    """The same for a condition as JSON."""
    try:
        found = conditions.as_q(conditions.parse(tree), clock.now())
    except (InvalidCondition, NotInSQL):
        return ""
    customers = Customer.objects.present()
    n = customers.filter(found).count()
    said = ngettext(
        "%(n)d of %(all)d customer matches now.", "%(n)d of %(all)d customers match now.", n
    )
    return said % {"n": n, "all": customers.count()} if n else _("No customer matches now.")
