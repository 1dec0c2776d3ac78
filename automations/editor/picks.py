"""A choice from a list that does not know everything: the last option is to type it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.functional import Promise

Text = str | Promise
Options = Sequence[tuple[str, str]]
Groups = Sequence[tuple[Text, Options]]

OTHER = "*"  # no name of a field or an event


class PickWidget(forms.Widget):
    """A select with groups, and a text for what is not in it."""

    def __init__(self, groups: Groups, other: Text, other_label: Text, press: str = "") -> None:
        super().__init__()
        self.groups, self.other, self.other_label, self.press = groups, other, other_label, press

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        """`OTHER` itself where its name is still to be typed."""
        chosen = str(data.get(name, ""))
        return str(data.get(f"{name}-other", "")).strip() or OTHER if chosen == OTHER else chosen

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        listed = {option for _group, options in self.groups for option, _text in options}
        said = attrs or {}
        is_other = bool(value) and value not in listed
        return render_to_string(
            "automations/editor/pick.html",
            {
                "name": name,
                "value": OTHER if is_other else value or "",
                "typed": value if is_other and value != OTHER else "",
                "groups": self.groups,
                "OTHER": OTHER,
                "other": self.other,
                "other_label": self.other_label,
                "press": self.press,
                "id": said.get("id", ""),
                "described_by": said.get("aria-describedby", ""),
                "is_wrong": "aria-invalid" in said,
            },
        )


class PickField(forms.CharField):
    """Takes what the list does not know as well."""

    def __init__(self, column: Any, widget: PickWidget) -> None:
        super().__init__(
            label=column.verbose_name,
            help_text=column.help_text,
            max_length=column.max_length,
            required=not column.blank,
            widget=widget,
        )

    def to_python(self, value: Any) -> str:
        return super().to_python("" if value == OTHER else value) or ""
