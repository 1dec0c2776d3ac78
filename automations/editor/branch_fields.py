"""The form field of a fork's branches: rows to add, remove and order, without a script too."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from automations.branches import Branches
from automations.editor import branch_rows, choices
from automations.editor.branch_rows import Held, Row
from automations.editor.forms import ConditionField
from loyalty.fields import FieldSet

# What the editor calls one of them.
ONE = {"filter": _("Case"), "share": _("Way"), "": _("Branch")}
ANOTHER = {"filter": _("Add case"), "share": _("Add way"), "": _("Add branch")}
HELP = {
    "filter": _("Asked from top to bottom; whoever fits none goes “Otherwise”."),
    "share": "",
    "": "",
}


class BranchesWidget(forms.Widget):
    """As its value it hands on rows and not a text."""

    use_fieldset = True

    def __init__(self, column: Branches, fields: FieldSet, held: Held) -> None:
        super().__init__()
        self.column, self.fields, self.held = column, fields, held
        self.checked: list[Row] | None = None  # the rows with what is wrong in each
        self.conditions: dict[int, ConditionField] = {}

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Row]:
        return branch_rows.from_post(data, name, self.column, self.held)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}-total" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        shown = self.checked if self.checked is not None else self._rows(value)
        own = self.column.own
        listed = choices.fields(self.fields) if own == "filter" else []
        return render_to_string(
            "automations/editor/branches.html",
            {
                "name": name,
                "label": self.column.verbose_name,
                "help": HELP[own],
                "one": ONE[own],
                "another": ANOTHER[own],
                "own": own,
                "rows": [
                    (row, self._condition(f"{name}-{at}-filter", at, row, listed))
                    for at, row in enumerate(shown)
                ],
                "sum": branch_rows.total(shown),
                "can_add": len(shown) < self.column.most,
                "can_remove": len(shown) > self.column.fewest,
                "is_ordered": own == "filter",
            },
        )

    def _rows(self, value: Any) -> list[Row]:
        if value and isinstance(value[0], Row):
            return list(value)
        stored = branch_rows.from_column(value, self.fields)
        return stored or [Row(share="50"), Row(share="50")]

    def _condition(self, name: str, at: int, row: Row, listed: choices.Fields) -> Any:
        if self.column.own != "filter":
            return ""
        field = self.conditions.get(at) or ConditionField(
            fields=self.fields, label=_("who goes here")
        )
        field.widget.listed = listed
        return field.widget.render(name, row.filter)


class BranchesField(forms.Field):
    is_branches = True
    widget: BranchesWidget

    def __init__(self, column: Branches, fields: FieldSet, held: Held) -> None:
        widget = BranchesWidget(column, fields, held)
        super().__init__(label=column.verbose_name, widget=widget)
        self.column, self.fields = column, fields

    def clean(self, value: list[Row]) -> list[dict[str, Any]]:
        """The rows of the column; what is wrong with one is written at it."""
        named = branch_rows.named(value, self.column)
        self.widget.conditions = {}
        checked, column = [], []
        for at, row in enumerate(named):
            own, error = self._own(at, row)
            is_wrong = bool(error) or None in own.values()
            checked.append(replace(value[at], error=error, is_wrong=is_wrong))
            column.append({"branch": row.branch, "label": row.label, **own})
        self.widget.checked = checked
        if any(row.is_wrong for row in checked):
            raise ValidationError(_("Something above needs another look."))
        return column

    def _own(self, at: int, row: Row) -> tuple[dict[str, Any], str]:
        """What it has besides its name, and what is wrong with that."""
        match self.column.own:
            case "share":
                share, error = branch_rows.share_of(row)
                return {"share": share}, error
            case "filter":
                field = ConditionField(fields=self.fields, label=_("who goes here"))
                self.widget.conditions[at] = field
                try:
                    return {"filter": field.clean(row.filter)}, ""
                except ValidationError:  # which the condition says itself, at its place
                    return {"filter": None}, ""
        return {}, ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True
