from operator import itemgetter
from typing import Any

from babel import Locale
from django import forms
from django.utils.translation import get_language, gettext_lazy, to_locale
from phonenumbers import country_code_for_region

from loyalty.imports import MEANINGS, Layout, Wishes, first_rows
from loyalty.imports.values import DATE_ORDERS, REGIONS
from loyalty.models import Import, Program
from loyalty.models.importing import Balances, Existing

LEFT_OUT = ("", gettext_lazy("Leave out"))
DATES = {
    "dmy": gettext_lazy("day, month, year: 28.2.1990"),
    "mdy": gettext_lazy("month, day, year: 2/28/1990"),
    "ymd": gettext_lazy("year, month, day: 1990-02-28"),
}
DECIMALS = [
    (".", gettext_lazy("with a point: 1,234.56")),
    (",", gettext_lazy("with a comma: 1.234,56")),
]


def countries() -> list[tuple[str, str]]:
    """As the reader calls them, with what their phone numbers begin with."""
    names = Locale.parse(to_locale(get_language() or "en")).territories
    called = [
        (code, f"{names.get(code, code)} (+{country_code_for_region(code)})") for code in REGIONS
    ]
    return sorted(called, key=itemgetter(1))


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV or XLSX file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )


class LayoutForm(forms.Form):
    """What each column means, and what is to become of the file."""

    program = forms.ModelChoiceField(
        Program.objects.filter(is_active=True),
        label=gettext_lazy("Everybody gets a card of"),
        required=False,
        empty_label=gettext_lazy("nobody, or as the file says"),
    )
    existing = forms.ChoiceField(
        label=gettext_lazy("Customers who are here already"), choices=Existing.choices
    )
    balances = forms.ChoiceField(label=gettext_lazy("Balances"), choices=Balances.choices)
    region = forms.ChoiceField(
        label=gettext_lazy("Phone numbers without a + are from"), choices=countries
    )
    dates = forms.ChoiceField(
        label=gettext_lazy("Dates are written"),
        choices=[(each, DATES[each]) for each in DATE_ORDERS],
    )
    decimal = forms.ChoiceField(label=gettext_lazy("Amounts are written"), choices=DECIMALS)
    proof = forms.CharField(
        label=gettext_lazy("Where and when they said yes"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Needed if a column says who said yes, e.g. “paper forms of 2024”."),
    )
    trigger = forms.CharField(
        label=gettext_lazy("Event for automations"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Everybody gets one event of this name. Empty: nothing starts."),
    )

    def __init__(self, source: Import, data: Any = None) -> None:
        said = {
            name: getattr(source, name) for name in ("existing", "balances", "proof", "trigger")
        }
        said["program"] = source.program_id
        super().__init__(data, initial=said | source.layout)
        self.source = source
        rows = [row.cells for row in first_rows(source)]
        choices = [LEFT_OUT, *MEANINGS.items()]
        known = [*source.layout.get("columns", ()), *[""] * len(source.headers)]
        for place, header in enumerate(source.headers):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=header, choices=choices, required=False, initial=known[place]
            )
        self.rows = rows

    @property
    def columns(self) -> list[dict[str, Any]]:
        """Each column: its field, and what stands in it in the first lines."""
        return [
            {
                "field": self[f"column_{place}"],
                "header": header,
                "cells": [row[place] for row in self.rows if place < len(row)],
            }
            for place, header in enumerate(self.source.headers)
        ]

    @property
    def settings(self) -> list[forms.BoundField]:
        return [self[name] for name in self.base_fields]

    def layout(self) -> Layout:
        said = self.cleaned_data
        columns = [said[f"column_{place}"] for place in range(len(self.source.headers))]
        how = {name: said[name] for name in ("region", "dates", "decimal")}
        return Layout(tuple(columns), **how)

    def wishes(self) -> Wishes:
        names = ("program", "existing", "balances", "trigger", "proof")
        return Wishes(**{name: self.cleaned_data[name] for name in names})
