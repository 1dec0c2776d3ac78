"""A card's own page: what it holds, its QR, what happened to it."""

import re
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from loyalty import attempts, card_links, cards, clock, referrals
from loyalty.causes import Cause
from loyalty.portal.answers import clock_of, private
from loyalty.portal.browser import customer_of, device_of, with_device
from loyalty.portal.face import Face, version

DEVICE = re.compile(r"[0-9a-f-]{8,64}")
DEVICES_A_DAY = 10
SHARES_A_DAY = 30
A_DAY = timedelta(days=1)


@require_safe
@private
def page(request: HttpRequest, key: str) -> HttpResponse:
    """Works without a script; with one it is kept up to date, and opens offline."""
    now = clock.now()
    card = card_links.find(key)
    mine = customer_of(request, now)
    context = {
        "face": Face(card, key, now),
        "is_mine": mine is not None and mine.pk == card.customer_id,
        "is_new": "new" in request.GET,
    }
    with clock_of(card.customer):
        return with_device(request, render(request, "loyalty/portal/card.html", context))


@require_safe
@private
def live(request: HttpRequest, key: str) -> HttpResponse:
    """The part that changes, or 204 while it is what the page shows (`?seen=`)."""
    now = clock.now()
    card = card_links.find(key)
    if request.GET.get("seen") == version(card, now):
        return HttpResponse(status=204)
    with clock_of(card.customer):
        return render(request, "loyalty/portal/live.html", {"face": Face(card, key, now)})


@require_POST
@private
def installed(request: HttpRequest, key: str) -> HttpResponse:
    """The page was opened as an installed app, on a device that calls itself so."""
    now = clock.now()
    card = card_links.find(key)
    device = request.POST.get("device", "")
    if DEVICE.fullmatch(device) and attempts.allowed(
        "install", str(card.pk), most=DEVICES_A_DAY, window=A_DAY, now=now
    ):
        cards.install(card, device=device, where="web", cause=Cause("customer"), now=now)
    return HttpResponse(status=204)


@require_POST
@private
def shared(request: HttpRequest, key: str) -> HttpResponse:
    """The link for friends was handed on."""
    now = clock.now()
    card = card_links.find(key)
    # A browser may call itself as it likes, and each name is a row.
    if attempts.allowed("share", str(card.pk), most=SHARES_A_DAY, window=A_DAY, now=now):
        referrals.shared(card, device=device_of(request), cause=Cause("customer"), now=now)
    return HttpResponse(status=204)


@require_POST
@private
def renew_link(request: HttpRequest, key: str) -> HttpResponse:
    """Another secret address; whoever has the old one sees nothing any more."""
    card = card_links.find(key)
    card_links.revoke(card)
    return redirect("card", card_links.key_of(card, now=clock.now()))
