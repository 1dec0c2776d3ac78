"""Pictures in forms: they come as files and are kept as `Picture`s."""

from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from loyalty import clock, pictures
from loyalty.errors import Invalid
from loyalty.models import Picture

ACCEPTED = "image/png,image/jpeg,image/webp,image/gif"


def picture_field(label: Any) -> forms.FileField:
    widget = forms.FileInput(attrs={"accept": ACCEPTED})
    return forms.FileField(label=label, required=False, widget=widget)


class PictureForm(forms.ModelForm):
    """For each of its `pictures` a subclass has a field `new_…` and a tick `no_…`."""

    pictures: ClassVar[tuple[str, ...]] = ()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for name in self.pictures:
            file = said.get(f"new_{name}")
            try:
                said[name] = pictures.keep(file, now=clock.now()) if file else None
            except Invalid as refusal:
                self.add_error(f"new_{name}", refusal.fields["picture"])
        return said

    def put_pictures(self, row: Any) -> None:
        """Those that are meant now: another, none, or the one there was."""
        for name in self.pictures:
            kept = None if self.cleaned_data[f"no_{name}"] else getattr(self.instance, name)
            setattr(row, name, self.cleaned_data.get(name) or kept)


def shown(picture: Picture | None) -> str:
    if picture is None:
        return str(_("None yet."))
    address = reverse("picture", args=[picture.digest])
    return format_html('<img src="{}" alt="" height="64">', address)
