"""The editor's forms, derived from the types: columns, labels and limits are declared there."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from automations.editor import choices, rows, widgets
from automations.triggers import TriggerType
from loyalty.fields import FieldSet


class ConditionWidget(forms.Widget):
    """The rows; as their values it hands on `rows.Rows` and not a text."""

    use_fieldset = True

    def __init__(self, fields: FieldSet, label: Any, can_be_empty: bool, help_text: Any) -> None:
        super().__init__()
        self.fields, self.label = fields, label
        self.can_be_empty, self.help_text = can_be_empty, help_text
        self.event_words: Any = ""  # where the event is not what started it
        self.errors: list[str] = []
        self.checked: rows.Rows | None = None  # the rows with what is wrong in each
        self.listed: choices.Fields | None = None  # where many conditions offer the same

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> rows.Rows:
        return rows.from_post(data, name)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}-total" not in data and f"{name}-text" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        sent = value if isinstance(value, rows.Rows) else rows.from_tree(value, self.fields)
        shown = (self.checked or sent).or_one()
        listed = self.listed or choices.fields(self.fields, self.event_words)
        names = {field for _group, options in listed for field, _text in options}
        drawn = [widgets.drawn(row, at, self.fields, names) for at, row in enumerate(shown.rows)]
        return render_to_string(
            "automations/editor/condition.html",
            {
                "name": name,
                "label": self.label,
                "help_text": self.help_text,
                "rows": shown,
                "drawn": drawn,
                "fields": listed,
                "can_be_empty": self.can_be_empty,
                "errors": self.errors,
            },
        )


class ConditionField(forms.Field):
    """A condition of loyalty.conditions, edited as rows; empty is None."""

    is_condition = True
    widget: ConditionWidget

    def __init__(
        self, *, fields: FieldSet, label: Any = "", required: bool = True, help_text: Any = ""
    ) -> None:
        widget = ConditionWidget(fields, label, not required, help_text)
        super().__init__(label=label, required=required, widget=widget)
        self.fields = fields

    def clean(self, value: rows.Rows) -> Any:
        """The tree; what is wrong with a row is written at the row, the rest under all of them."""
        try:
            tree, checked = rows.to_tree(value, self.fields)
            if tree is not None and not checked.has_errors:
                checked = rows.checked(tree, checked, self.fields)
        except rows.Unreadable as error:
            raise self._refused(str(error)) from None
        if checked.has_errors:
            self.widget.checked = checked
            raise ValidationError(_("Some comparisons need another look."))
        if tree is None and self.required:
            raise self._refused(str(_("Say what must hold.")))
        return tree

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True

    def ask(self, fields: FieldSet) -> None:
        """Ask about those fields instead: the event they are of is what has just been chosen."""
        self.fields = self.widget.fields = fields
        self.widget.event_words = _("What happens")

    def _refused(self, text: str) -> ValidationError:
        self.widget.errors = [text]
        return ValidationError(text)


def dressed(field: forms.Field) -> forms.Field:
    """Numbers as short fields that bring up digits on a phone; long texts with room."""
    if isinstance(field, forms.IntegerField):
        field.widget.attrs["inputmode"] = "numeric"
        field.widget.attrs["data-size"] = "small"
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = str(_("None chosen"))
    if isinstance(field.widget, forms.Textarea):
        field.widget.attrs |= {"rows": 9}
    return field


def trigger_form(kind: type[TriggerType], fields: FieldSet) -> type[forms.Form]:
    """The trigger's own parameters, and the condition it may have."""
    only_if = ConditionField(
        fields=fields,
        label=_("Only if"),
        required=False,
        help_text=_("Leave it empty to start for everybody."),
    )
    own = {name: dressed(field) for name, field in kind.form.base_fields.items()}
    return type("TriggerForm", (kind.form,), {**own, "filter": only_if})


class NewAutomationForm(forms.Form):
    name = forms.CharField(
        label=_("name"),
        max_length=120,
        help_text=_("What you call it; customers never see it."),
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
