"""Where a stranger becomes a customer."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loyalty import attempts, card_links, clock, networks, sign_ups
from loyalty.customers import Details
from loyalty.errors import Invalid, NotFound
from loyalty.models import Attribute, Business, Card, Program, Storefront
from loyalty.portal import attributes
from loyalty.portal.answers import evenly, private
from loyalty.portal.browser import device_of, with_device

MOST, WINDOW = 100, timedelta(minutes=15)


class JoinForm(forms.Form):
    """What the shop chose to ask; cleaned as it is for everyone else."""

    first_name = forms.CharField(
        label=_("First name"), widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    email = forms.CharField(
        label=_("Email"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        help_text=_("With its country: +41 44 123 45 67."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    birthday = forms.CharField(
        label=_("Birthday"),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}),
    )

    def __init__(self, data: Any, storefront: Storefront) -> None:
        super().__init__(data, label_suffix="")
        asked = dict(storefront.asks())
        self.words = storefront.consents()
        for name in storefront.FIELDS:
            if name not in asked:
                del self.fields[name]
            else:
                self.fields[name].required = asked[name]
        self.fields.update(attributes.fields(Attribute.objects.filter(is_on_join_page=True), {}))
        for channel, words in self.words.items():
            self.fields[f"consent_{channel}"] = forms.BooleanField(label=words, required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        try:
            self.details().clean()
        except Invalid as refusal:
            for name, texts in refusal.fields.items():
                self.add_error(name if name in self.fields else None, texts)
        return said

    def details(self) -> Details:
        names = [name for name in Storefront.FIELDS if self.cleaned_data.get(name)]
        given = {name: self.cleaned_data[name] for name in names}
        yes = {name: True for name in self.words if self.cleaned_data.get(f"consent_{name}")}
        told = {
            slug: value for slug, value in attributes.said(self).items() if value not in ("", None)
        }
        return Details(**given, consent=yes, attributes=told)


@private
@evenly
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """The card is there at once, whoever's address was typed: see `sign_ups.join`."""
    program = _program(slug)
    storefront = Storefront.of(program)
    form = JoinForm(request.POST if request.method == "POST" else None, storefront)
    status = 200
    if request.method == "POST":
        if form.is_valid() and (card := _joined(request, program, form)):
            key = card_links.key_of(card, now=clock.now())
            response = redirect("card", key)
            response.headers["Location"] += "?new"
            return with_device(request, response)
        status = 422 if form.errors else 429
    context = {"program": program, "storefront": storefront, "form": form, "status": status}
    context["business"] = Business.get()
    return render(request, "loyalty/portal/join.html", context, status=status)


def _program(slug: str) -> Program:
    program = Program.objects.filter(slug=slug).first()
    if program is None or not sign_ups.is_open(program):
        raise NotFound
    return program


def _joined(request: HttpRequest, program: Program, form: JoinForm) -> Card | None:
    now = clock.now()
    if not attempts.allowed("join", networks.of(request), most=MOST, window=WINDOW, now=now):
        return None
    try:
        return sign_ups.join(
            program,
            form.details(),
            proofs=form.words,
            via=request.GET.get("via", ""),
            device=device_of(request),
            now=now,
        )
    except Invalid as refusal:
        said = [text for texts in refusal.fields.values() for text in texts]
        form.add_error(None, said or [_now("Please look at what you typed again.")])
    return None
