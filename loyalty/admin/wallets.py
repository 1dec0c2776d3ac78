"""Settings → Wallets: keys go in, and the page says what is missing."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from loyalty import clock
from loyalty.admin.pages import OnlyOne
from loyalty.models import WalletKeys
from loyalty.wallet import doctor, keys
from loyalty.wallet.keys import Given

LARGEST_FILE = 64 * 1024


class KeyFile(forms.FileField):
    def clean(self, data: Any, initial: Any = None) -> Any:
        found = super().clean(data, initial)
        if found and found.size > LARGEST_FILE:
            raise ValidationError(_("This file is too large."))
        return found


class WalletForm(forms.ModelForm):
    """Files go in and never come out; one that is left out keeps what is there."""

    given: Given

    certificate = KeyFile(
        label=_("Pass certificate"), required=False, help_text=_("pass.cer, as Apple gives it.")
    )
    intermediate = KeyFile(
        label=_("Apple's intermediate certificate"),
        required=False,
        help_text=_("“Worldwide Developer Relations – G4”, from apple.com/certificateauthority."),
    )
    key = KeyFile(
        label=_("Private key"),
        required=False,
        help_text=_("Only if the signing request was made elsewhere: PEM, without a password."),
    )
    google_issuer = forms.RegexField(
        r"^\d{5,30}$", label=_("Issuer id"), required=False, help_text=_("A long number.")
    )
    google_account = KeyFile(
        label=_("Key of the service account"),
        required=False,
        help_text=_("The JSON file that Google gives."),
    )

    class Meta:
        model = WalletKeys
        fields = ["google_issuer"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        files = ("certificate", "intermediate", "key", "google_account")
        brought = {name: cleaned[name].read() for name in files if cleaned.get(name)}
        self.given = Given(**brought, google_issuer=cleaned["google_issuer"])
        for name, texts in keys.problems(self.given).items():
            self.add_error(name, texts)
        return cleaned


@admin.register(WalletKeys)
class WalletKeysAdmin(OnlyOne):
    form = WalletForm
    change_form_template = "loyalty/wallet/keys.html"
    fieldsets = [
        (_("Apple Wallet"), {"fields": ["certificate", "intermediate", "key"]}),
        (_("Google Wallet"), {"fields": ["google_issuer", "google_account"]}),
    ]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.signing_request))
        return [path("request/", view, name="loyalty_wallet_request"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        found = WalletKeys.get()
        context["apple"] = doctor.apple(found, now=clock.now())
        context["google"] = doctor.google(found)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        keys.give(form.given)

    def signing_request(self, request: HttpRequest) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        answer = HttpResponse(keys.signing_request(), content_type="application/pkcs10")
        answer["Content-Disposition"] = 'attachment; filename="pass.certSigningRequest"'
        return answer
