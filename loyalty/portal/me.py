"""What is known of the customer, in their own hands."""

from typing import Any

from babel import Locale
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from loyalty import clock, customers, notices, personal_data, sign_ins
from loyalty.cleaning import Unfit
from loyalty.customers.details import email as clean_email
from loyalty.errors import LoyaltyError
from loyalty.models import Attribute, Customer, MagicLink
from loyalty.portal import attributes
from loyalty.portal.answers import evenly, private
from loyalty.portal.browser import let_out, signed_in
from loyalty.sign_ins import BY_CUSTOMER

CHANNELS = {
    "email": _("News and offers by email"),
    "sms": _("News and offers by text message"),
    "push": _("News and offers as notifications"),
}
LANGUAGES = (
    *("en", "de", "fr", "it", "es", "pt", "nl", "da", "sv", "nb", "fi", "pl", "cs", "sk", "hu"),
    *("ro", "bg", "hr", "sr", "sl", "el", "tr", "uk", "ru", "ar", "he", "hi", "zh", "ja", "ko"),
)


def languages(now: str) -> list[tuple[str, str]]:
    """By their own names; the one that is set is among them."""
    codes = [*LANGUAGES, *([now] if now and now not in LANGUAGES else [])]
    return [("", _now("No preference")), *((code, _name_of(code)) for code in codes)]


def _name_of(code: str) -> str:
    try:
        return str(Locale.parse(code, sep="-").get_display_name() or code).capitalize()
    except ValueError:
        return code


class Preferences(forms.Form):
    """Who they are and what they want to hear; a birthday is said once."""

    first_name = forms.CharField(
        label=_("First name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    birthday = forms.CharField(
        label=_("Birthday"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}),
    )
    language = forms.ChoiceField(label=_("Language of our messages"), required=False)

    def __init__(self, customer: Customer, data: Any = None) -> None:
        consents = {f"consent_{name}": customer.consents_to(name) for name in CHANNELS}
        names = {name: getattr(customer, name) for name in ("first_name", "last_name", "language")}
        super().__init__(data, initial=names | consents, label_suffix="")
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)  # noqa: S101 (declared above)
        language.choices = languages(customer.language)
        theirs = Attribute.objects.filter(is_customers_own=True)
        self.fields.update(attributes.fields(theirs, customer.attributes))
        if customer.birthday:
            del self.fields["birthday"]
        for name, words in CHANNELS.items():
            self.fields[f"consent_{name}"] = forms.BooleanField(label=words, required=False)

    def changes(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {
            name: said[name]
            for name in ("first_name", "last_name", "language", "birthday")
            if name in said and (name != "birthday" or said[name])
        }


@private
@signed_in
def me(request: HttpRequest, customer: Customer) -> HttpResponse:
    form = Preferences(customer, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _saved(customer, form):
        messages.success(request, _now("Saved."))
        return redirect("me")
    status = 422 if form.errors else 200
    return render(request, "loyalty/portal/me.html", {"form": form, "me": customer}, status=status)


def _saved(customer: Customer, form: Preferences) -> bool:
    """What is wrong is said beside its field, and then nothing is changed."""
    now = clock.now()
    try:
        changes = form.changes() | {"attributes": customer.attributes | attributes.said(form)}
        customers.change(customer, changes, cause=BY_CUSTOMER, now=now)
    except LoyaltyError as refusal:
        for name, texts in getattr(refusal, "fields", {"": [refusal.message]}).items():
            form.add_error(name if name in form.fields else None, texts)
        return False
    for channel, words in CHANNELS.items():
        customers.set_consent(
            customer,
            channel,
            form.cleaned_data[f"consent_{channel}"],
            source="preferences",
            proof=str(words),
            cause=BY_CUSTOMER,
            now=now,
        )
    return True


@require_POST
@private
@evenly
@signed_in
def change_email(request: HttpRequest, customer: Customer) -> HttpResponse:
    """The new address has to answer before it counts, whoever's it is."""
    try:
        email = clean_email(request.POST.get("email", ""))
    except Unfit as problem:
        messages.error(request, str(problem))
        return redirect("me")
    if email and email != customer.email:
        purpose = MagicLink.Purpose.EMAIL
        now = clock.now()
        sign_ins.send(
            customer, purpose, notices.NEW_ADDRESS, to=email, data={"email": email}, now=now
        )
        return render(request, "loyalty/portal/mailed.html", {"email": email})
    return redirect("me")


@require_safe
@private
@signed_in
def data(request: HttpRequest, customer: Customer) -> HttpResponse:
    """All we hold of them, as a file."""
    known = personal_data.export(customer.pk)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    options = {"indent": 2, "ensure_ascii": False}
    return JsonResponse(known, json_dumps_params=options, headers=headers)


@private
@signed_in
def delete(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Confirmed by a mailed link: a phone left on a table deletes nobody."""
    if request.method == "POST" and customer.email:
        purpose = MagicLink.Purpose.ERASE
        now = clock.now()
        sign_ins.send(customer, purpose, notices.CONFIRM_ERASURE, to=customer.email, now=now)
        return render(request, "loyalty/portal/mailed.html", {"email": customer.email})
    return render(request, "loyalty/portal/delete.html", {"me": customer})


@require_POST
@private
@signed_in
def leave_everywhere(request: HttpRequest, customer: Customer) -> HttpResponse:
    sign_ins.end_all(customer.pk)
    context = {"said": _now("You are signed out on every device.")}
    return let_out(request, render(request, "loyalty/portal/left.html", context))
