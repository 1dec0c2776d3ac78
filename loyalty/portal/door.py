"""Coming in and going out: all cards of who is signed in, else a link by mail."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from loyalty import card_links, clock, networks, sign_ins
from loyalty.cleaning import Unfit
from loyalty.errors import LoyaltyError
from loyalty.models import Card, Customer, MagicLink
from loyalty.models.card import CardStatus
from loyalty.portal.answers import clock_of, evenly, private
from loyalty.portal.browser import customer_of, let_in, let_out
from loyalty.portal.face import Face


class EmailForm(forms.Form):
    email = forms.CharField(
        label=_("Email"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )


@private
@evenly
def door(request: HttpRequest) -> HttpResponse:
    """All cards of who is signed in; others say where to mail a link. The answer is the same
    whether we know the address or not."""
    customer = customer_of(request, clock.now())
    if customer is not None:
        return _cards(request, customer)
    form = EmailForm(request.POST if request.method == "POST" else None, label_suffix="")
    status, headers = 422, {}
    if request.method == "POST" and form.is_valid():
        try:
            email = form.cleaned_data["email"]
            sign_ins.ask(email, network=networks.of(request), now=clock.now())
            return render(request, "loyalty/portal/mailed.html", {"email": email})
        except Unfit as problem:
            form.add_error("email", str(problem))
        except sign_ins.TooOften as refusal:
            form.add_error(None, refusal.message)
            status, headers = 429, {"Retry-After": str(refusal.retry_after)}
    said = {"form": form}
    response = render(
        request, "loyalty/portal/door.html", said, status=status if form.errors else 200
    )
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _cards(request: HttpRequest, customer: Customer) -> HttpResponse:
    now = clock.now()
    rows = Card.objects.active().filter(customer=customer).order_by("-issued_at", "-pk")
    rows = rows.select_related("customer", "plan").prefetch_related("program")
    faces = [Face(card, card_links.key_of(card, now=now), now) for card in rows]
    blocked = Card.objects.filter(customer=customer, status=CardStatus.BLOCKED).order_by("pk")
    said = {"faces": faces, "blocked": blocked.prefetch_related("program"), "me": customer}
    with clock_of(customer):
        return render(request, "loyalty/portal/cards.html", said)


@private
def link(request: HttpRequest, token: str) -> HttpResponse:
    """A mailed link. Opening it only asks: mail programs open links by themselves, and it works
    once. Whether a card that was made with their address is theirs, its owner says."""
    now = clock.now()
    try:
        if request.method != "POST":
            found = sign_ins.look(token, now=now)
            said = {"link": found, "stand_in": sign_ins.stand_in(found), "me": found.customer}
            with clock_of(found.customer):
                return render(request, "loyalty/portal/link.html", said)
        used = sign_ins.use(token, is_mine="mine" in request.POST, now=now)
    except LoyaltyError as refusal:
        over = {"refusal": refusal.message}
        return render(request, "loyalty/portal/link_over.html", over, status=410)
    if used.purpose == MagicLink.Purpose.ERASE:
        return let_out(request, render(request, "loyalty/portal/erased.html"))
    return let_in(redirect("door"), used.customer, now)


@require_POST
@private
def leave(request: HttpRequest) -> HttpResponse:
    context = {"said": _now("You are signed out.")}
    return let_out(request, render(request, "loyalty/portal/left.html", context))
