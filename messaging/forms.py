"""The form of a sender: its name and address, and what its carrier wants to know."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from loyalty.secrets import hint
from messaging.models import Sender
from messaging.providers.base import Provider, Secret


class SenderForm(forms.ModelForm):
    """Base of the forms below. Secrets go in and never come out: an empty one keeps what is set."""

    provider: type[Provider]

    from_address = forms.EmailField(
        label=_("From address"), max_length=254, help_text=_("What customers see, and answer to.")
    )

    class Meta:
        model = Sender
        fields = ["name", "from_name", "from_address", "is_default", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.settings
        for name in self.provider.Settings.base_fields:
            field = self.fields[name]
            if not isinstance(field, Secret):
                field.initial = stored.get(name, field.initial)
            elif stored.get(name):
                field.required = False
                field.help_text = _("Set, ends %s. Leave it empty to keep it.") % hint(stored[name])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in self.provider.Settings.base_fields:
            if isinstance(self.fields[name], Secret) and not cleaned.get(name):
                cleaned[name] = self.instance.settings.get(name, "")
        return cleaned

    def _post_clean(self) -> None:
        self.instance.provider = self.provider.name
        self.instance.channel = self.provider.channel
        if not self.errors:
            self.instance.settings = {
                name: self.cleaned_data[name] for name in self.provider.Settings.base_fields
            }
        super()._post_clean()  # type: ignore[misc]  # checks the instance, constraints included

    def _get_validation_exclusions(self) -> set[str]:
        """The channel is not asked for, but one of its senders is the default."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # Django's own
        return excluded - {"channel"}

    def clean_from_name(self) -> str:
        name: str = self.cleaned_data["from_name"]
        if not name.isprintable():
            raise ValidationError(_("A name is one line."))
        return name


def form_for(provider: type[Provider]) -> type[SenderForm]:
    """The form of a sender at that carrier."""
    fields = provider.Settings.base_fields
    return type("SenderForm", (SenderForm,), {"provider": provider, **fields})
