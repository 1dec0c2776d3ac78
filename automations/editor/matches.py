"""How many customers a condition holds for at this moment, where the database can tell."""

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automations.models import Step
from loyalty import clock, conditions
from loyalty.conditions import InvalidCondition, NotInSQL
from loyalty.models import Customer


def of_step(step: Step, form: forms.ModelForm) -> str:
    """“12 of 40 customers match now”; nothing where the step asks no condition of customers."""
    name = next(
        (column.name for column in step._meta.local_fields if isinstance(column, models.JSONField)),
        "",
    )
    if not name or name not in form.fields:
        return ""
    tree = form.cleaned_data.get(name) if form.is_bound and form.is_valid() else getattr(step, name)
    return words(tree)


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
