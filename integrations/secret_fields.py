"""Secrets in forms: typed in, never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.secrets import hint

LONGEST = 500


class SecretField(forms.CharField):
    """Write-only: the form never holds what is stored, and an empty field keeps it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=LONGEST,
            widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
            **kwargs,
        )

    def keep(self, stored: str) -> None:
        """Make it the field of a connection that has this secret."""
        self.required = False
        self.help_text = _("Set, ends %(hint)s. Leave it empty to keep it.") % {
            "hint": hint(stored)
        }

    def suggest(self, secret: str) -> None:
        """Offer a new secret: readable, because it must be copied to the other side."""
        self.initial = secret
        self.widget = forms.TextInput(attrs={"autocomplete": "off", "class": "vLargeTextField"})
        self.help_text = _("Copy it to the sender now: once saved, it is not shown again.")


class SigningSecret(forms.Form):
    """The settings of systems that need no more than the secret they sign with."""

    secret = SecretField(label=_("Signing secret"))
