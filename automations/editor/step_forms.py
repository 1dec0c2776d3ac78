"""The form of a step type: a field for each of its columns, by the kind of the column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from automations.branches import Branches
from automations.editor import time_fields
from automations.editor.branch_fields import BranchesField
from automations.editor.forms import ConditionField, dressed
from automations.models import Automation, Step
from automations.models.step import StepKey
from loyalty.fields import FieldSet


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a step stands: what conditions may ask there, which steps a jump from there may go to
    (key and words), and how many steps stand in each of its branches."""

    fields: FieldSet
    automation: Automation
    reach: Sequence[tuple[str, str]] = ()
    held: Mapping[str, int] = field(default_factory=dict)


class StepForm(forms.ModelForm):
    """What a condition may ask can depend on what else was chosen; what is seldom needed is folded
    away until something stands there."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kind: type[Step] = self._meta.model
        self.seldom, self.seldom_label = kind.seldom, kind.seldom_label
        asking = [each for each in self.fields.values() if isinstance(each, ConditionField)]
        chosen = {name: self[name].value() for name in self.fields} if asking else {}
        for each in asking:
            fields = kind.fields_for(chosen, each.fields)
            if fields is not each.fields:
                each.ask(fields)

    @property
    def shows_seldom(self) -> bool:
        return any(self[name].errors or self._is_set(name) for name in self.seldom)

    def _is_set(self, name: str) -> bool:
        value = self[name].value()
        typed = any(value.values()) if isinstance(value, dict) else value
        return typed not in (None, "", False, self.fields[name].initial)


def step_form(kind: type[Step], stand: Stand) -> type[forms.ModelForm]:
    """The form of a step type where it stands; its `fields` in their order."""

    def field_of(column: Any, **options: Any) -> forms.Field | None:
        for known in type(column).__mro__:
            if known in time_fields.FIELDS:
                return time_fields.FIELDS[known](column, stand.fields)
            if known in _FIELDS:
                return _FIELDS[known](column, stand)
        made: forms.Field | None = column.formfield(**options)
        return made and dressed(made)

    made: type[forms.ModelForm] = forms.modelform_factory(
        kind, form=StepForm, fields=kind.fields, formfield_callback=field_of
    )
    return made


def _condition(column: Any, stand: Stand) -> forms.Field:
    return ConditionField(
        fields=stand.fields,
        label=column.verbose_name,
        required=not column.blank,
        help_text=column.help_text,
    )


def _branches(column: Branches, stand: Stand) -> forms.Field:
    return BranchesField(column, stand.fields, stand.held)


def _step_key(column: StepKey, stand: Stand) -> forms.Field:
    choices = [("", _("Choose a step …")), *stand.reach]
    return forms.ChoiceField(label=column.verbose_name, choices=choices)


def _related(column: Any, stand: Stand) -> forms.Field:
    made: forms.ModelChoiceField = column.formfield()
    if made.queryset is not None and issubclass(made.queryset.model, Automation):
        made.queryset = made.queryset.exclude(pk=stand.automation.pk)
    return dressed(made)


_FIELDS: Mapping[type, Callable[[Any, Stand], forms.Field]] = {
    Branches: _branches,
    StepKey: _step_key,
    models.ForeignKey: _related,
    models.JSONField: _condition,
}
