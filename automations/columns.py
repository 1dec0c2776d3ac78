"""Columns of steps that hold more than a text or a number; the editor has a field for each."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from automations import durations, weekdays
from automations.durations import Duration
from loyalty.cleaning import Unfit
from loyalty.external import LONGEST_NAME


class DurationColumn(models.CharField):
    """A time to wait as plain ISO text; "" for none."""

    require: ClassVar[Callable[[Duration], Duration]] = durations.require_time

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": durations.LONGEST_TEXT, **options})

    def validate(self, value: str, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value:
            try:
                type(self).require(durations.read(value))
            except Unfit as reason:
                raise ValidationError(str(reason)) from None


class OffsetColumn(DurationColumn):
    """How long before or after something, as plain ISO text; "" for neither."""

    require = durations.require_offset


class WeekdaysColumn(models.JSONField):
    """Names of days, in the order of the week; none stands for every day."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"default": list, "blank": True, **options})

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        try:
            weekdays.read(value)
        except Unfit as reason:
            raise ValidationError(str(reason)) from None


class DateNameColumn(models.CharField):
    """The name of a condition field that holds a date or a moment."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": 160, **options})


class EventNameColumn(models.CharField):
    """The name of an event: one of the product's own, or any that somebody else sends."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": LONGEST_NAME, **options})
