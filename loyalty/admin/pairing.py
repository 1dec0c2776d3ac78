"""Staff's page for pairing a scanner: what it is for, then a code to point it at."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from loyalty import addresses, pairings, qr_codes
from loyalty.models import Location, Pairing
from loyalty.models.token import LONGEST_REST, USUAL_REST

TILL, KIOSK = "till", "kiosk"
USES = [
    (TILL, _("Staff: scan, stamp, redeem, undo")),
    (KIOSK, _("Customers by themselves: they hold up their card, and it is counted")),
]


class PairForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("So that you know it among others: “Phone at the bar”."),
        widget=AdminTextInputWidget,
    )
    location = forms.ModelChoiceField(label=_("Location"), queryset=Location.objects.none())
    use = forms.ChoiceField(
        label=_("Who uses it"), choices=USES, initial=TILL, widget=forms.RadioSelect
    )
    kiosk_minutes = forms.IntegerField(
        label=_("A kiosk serves a card again after"),
        min_value=0,
        max_value=LONGEST_REST,
        initial=USUAL_REST,
        help_text=_("Minutes; only where customers scan by themselves."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Location.objects.all()
        field = self.fields["location"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (as declared above)
        field.queryset = places
        if len(places) == 1:
            field.initial = places[0]

    def offer(self, now: Any) -> tuple[Pairing, str]:
        said = self.cleaned_data
        return pairings.offer(
            said["name"],
            said["location"],
            is_kiosk=said["use"] == KIOSK,
            kiosk_minutes=said["kiosk_minutes"],
            now=now,
        )


def address(code: str) -> str:
    """What the device opens; the code stands behind a #, so no server and no log reads it."""
    return f"{addresses.whole('scanner_pair')}#{code}"


def picture(text: str) -> SafeString:
    """A QR code as SVG, black on white in every theme."""
    return qr_codes.drawn(
        text, error="m", scale=6, border=3, dark="#000", light="#fff", omitsize=True
    )
