"""The form of an RFM scheme: a field for each threshold and each name."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty import rfm
from loyalty.models import Rfm
from loyalty.rfm import Kind, Preset, Scheme
from loyalty.rfm.scheme import LONGEST_NAME, MOST_DAYS, MOST_VISITS


class SchemeForm(forms.Form):
    """A field for each threshold and each name of the preset."""

    frequency_window_days = forms.IntegerField(
        label=gettext_lazy("Count visits of the last … days"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("Empty: all visits there ever were."),
        widget=forms.NumberInput(attrs={"data-size": "small"}),
    )
    tell = forms.BooleanField(
        label=gettext_lazy("Start automations for those who move by this"),
        required=False,
        help_text=gettext_lazy("Otherwise they move in silence."),
    )

    def __init__(self, *args: Any, preset: Preset, row: Rfm, **options: Any) -> None:
        super().__init__(*args, **options)
        self.preset = preset
        is_its = row.preset == preset.slug
        days = row.recency_days if is_its else preset.recency_days
        visits = row.visit_counts if is_its else preset.visit_counts
        self.recency = self._ends("recency", days, MOST_DAYS, _("Days since the last visit"))
        self.visits = self._ends("visits", visits, MOST_VISITS, _("Number of visits"))
        self.fields["frequency_window_days"].initial = row.frequency_window_days
        for kind in preset.kinds:
            self.fields[f"name_{kind.slug}"] = forms.CharField(
                label=str(kind.name),
                initial=row.names.get(kind.slug, "") if is_its else "",
                required=False,
                max_length=LONGEST_NAME,
                widget=forms.TextInput(attrs={"placeholder": str(kind.name)}),
            )

    def _ends(self, stem: str, ends: Iterable[int], most: int, label: str) -> list[str]:
        names = []
        for at, end in enumerate(ends):
            names.append(name := f"{stem}_{at}")
            attrs = {"data-size": "small", "aria-label": f"{label} {at + 1}"}
            self.fields[name] = forms.IntegerField(
                label=_("up to"),
                initial=end,
                min_value=0,
                max_value=most,
                widget=forms.NumberInput(attrs=attrs),
            )
        return names

    @property
    def recency_fields(self) -> list[Any]:
        return [self[name] for name in self.recency]

    @property
    def visit_fields(self) -> list[Any]:
        return [self[name] for name in self.visits]

    @property
    def name_fields(self) -> list[tuple[Kind, Any]]:
        return [(kind, self[f"name_{kind.slug}"]) for kind in self.preset.kinds]

    def nearest(self, name: str) -> str | None:
        """The field beside which a refusal of that setting is said."""
        own = {"recency_days": self.recency[-1:], "visit_counts": self.visits[-1:]}
        return next(iter(own.get(name, [name] if name in self.fields else [])), None)

    def said(self) -> dict[str, Any]:
        """As `rfm.configure` takes it."""
        values = self.cleaned_data
        return {
            "preset": self.preset.slug,
            "recency_days": [values[name] for name in self.recency],
            "visit_counts": [values[name] for name in self.visits],
            "names": {kind.slug: values[f"name_{kind.slug}"] for kind in self.preset.kinds},
            "frequency_window_days": values["frequency_window_days"],
        }

    def scheme(self) -> Scheme:
        said = self.said()
        return rfm.checked(
            said["preset"],
            said["recency_days"],
            said["visit_counts"],
            said["names"],
            said["frequency_window_days"],
        )
