"""What a customer says of the shop, from their card."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from loyalty import card_links, clock, reviews
from loyalty.causes import Cause
from loyalty.errors import LoyaltyError
from loyalty.portal.answers import private

ONCE = re.compile(r"[0-9a-f]{16}")


@require_POST
@private
def review(request: HttpRequest, key: str) -> HttpResponse:
    """Kept once for the number of its form; who was content is shown where to say it to all."""
    card = card_links.find(key)
    stars, once = request.POST.get("rating", ""), request.POST.get("once", "")
    if not ONCE.fullmatch(once):
        return redirect("card", key)
    try:
        left, _is_new = reviews.leave(
            card.customer,
            int(stars) if stars.isdecimal() and len(stars) == 1 else 0,
            request.POST.get("text", ""),
            key=f"card:{card.pk}:{once}",
            card=card,
            cause=Cause("customer"),
            now=clock.now(),
        )
    except LoyaltyError as refusal:
        fields = getattr(refusal, "fields", {})
        for text in [text for texts in fields.values() for text in texts] or [refusal.message]:
            messages.error(request, text)
        return redirect("card", key)
    context = {"thanks": reviews.thanks(left), "key": key}
    return render(request, "loyalty/portal/thanks.html", context)
