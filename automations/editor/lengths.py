"""A duration in a form: days, hours and minutes side by side, and before or after what."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from automations import durations
from automations.columns import OffsetColumn
from automations.durations import Duration
from loyalty.cleaning import Unfit

UNITS = {
    "days": _("days"),
    "hours": _("hours"),
    "minutes": _("minutes"),
    "seconds": _("seconds"),
}
BEFORE, AFTER = "before", "after"
SIDES = ((BEFORE, _("before")), (AFTER, _("after")))
MOST_DIGITS = 9

Typed = dict[str, str]


class LengthWidget(forms.Widget):
    """Its value is what was typed, or the stored text. Seconds are shown where there are some."""

    use_fieldset = True

    def __init__(self, has_sides: bool) -> None:
        super().__init__()
        self.has_sides = has_sides

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Typed:
        parts = (*UNITS, "side") if self.has_sides else UNITS
        return {part: str(data.get(f"{name}-{part}", "")).strip() for part in parts}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}-days" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        typed = value if isinstance(value, dict) else _typed(durations.read(value or ""))
        shown = [unit for unit in UNITS if unit != "seconds" or typed.get(unit)]
        return render_to_string(
            "automations/editor/length.html",
            {
                "name": name,
                "units": [(unit, UNITS[unit], typed.get(unit, "")) for unit in shown],
                "sides": SIDES if self.has_sides else (),
                "side": typed.get("side") or BEFORE,
                "is_wrong": "aria-invalid" in (attrs or {}),
            },
        )


class LengthField(forms.Field):
    """Its clean value is the ISO text; nothing typed is ""."""

    widget: LengthWidget

    def __init__(self, column: Any) -> None:
        self.has_sides = isinstance(column, OffsetColumn)
        super().__init__(
            label=column.verbose_name,
            help_text=column.help_text,
            required=not column.blank,
            widget=LengthWidget(self.has_sides),
            validators=column.validators,
        )

    def to_python(self, value: Any) -> str:
        if not isinstance(value, dict):
            return str(value or "")
        try:
            found = durations.of(**{unit: _number(value.get(unit, "")) for unit in UNITS})
        except Unfit as reason:
            raise ValidationError(str(reason)) from None
        if not found:
            return ""
        if self.has_sides and value.get("side") != AFTER:
            found = Duration(-found.days, -found.seconds)
        return found.iso


def _typed(duration: Duration) -> Typed:
    parts = (abs(duration.days), *duration.clock)
    typed = {unit: str(n) if n else "" for unit, n in zip(UNITS, parts, strict=True)}
    return typed | {"side": AFTER if duration.length > 0 else BEFORE}


def _number(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise Unfit(_("Type whole numbers."))
    return int(text)
