"""The fields in which staff say when: lengths, days, times of day, dates and events."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from automations import happenings
from automations.columns import DateNameColumn, DurationColumn, EventNameColumn, WeekdaysColumn
from automations.editor import choices
from automations.editor.lengths import LengthField
from automations.editor.picks import PickField, PickWidget
from loyalty.field_types import DATE, MOMENT
from loyalty.fields import WEEKDAYS, FieldSet


def _length(column: DurationColumn, fields: FieldSet) -> forms.Field:
    return LengthField(column)


def _weekdays(column: WeekdaysColumn, fields: FieldSet) -> forms.Field:
    return forms.MultipleChoiceField(
        label=column.verbose_name,
        help_text=column.help_text,
        choices=list(WEEKDAYS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "side-by-side"}),
    )


def _clock(column: models.TimeField, fields: FieldSet) -> forms.Field:
    return forms.TimeField(
        label=column.verbose_name,
        help_text=column.help_text,
        required=not column.blank,
        widget=forms.TimeInput(attrs={"type": "time", "data-size": "small"}, format="%H:%M"),
    )


def _event(column: EventNameColumn, fields: FieldSet) -> forms.Field:
    """What is chosen changes what a condition beside it may ask: the form is drawn anew."""
    widget = PickWidget(
        [("", happenings.listed())],
        other=_("One that another system sends …"),
        other_label=_("Its name"),
        press="filter-refresh",
    )
    return PickField(column, widget)


def _date(column: DateNameColumn, fields: FieldSet) -> forms.Field:
    """`fields` are those that may have a value there."""
    groups = [
        (group, [(name, text) for name, text in options if _is_date(name, fields)])
        for group, options in choices.fields(fields)
    ]
    widget = PickWidget(
        [(group, options) for group, options in groups if options],
        other=_("Another one, such as an attribute …"),
        other_label=_("E.g. customer.attributes.wedding"),
    )
    return PickField(column, widget)


def _is_date(name: str, fields: FieldSet) -> bool:
    found = fields.find(name)
    return found is not None and found.type in (DATE, MOMENT) and not name.startswith("now.")


FIELDS: Mapping[type, Callable[[Any, FieldSet], forms.Field]] = {
    DurationColumn: _length,
    WeekdaysColumn: _weekdays,
    EventNameColumn: _event,
    DateNameColumn: _date,
    models.TimeField: _clock,
}
