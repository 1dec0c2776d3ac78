"""What a customer claims from their phone: it is held for them, and handed over at the counter."""

import re
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from loyalty import attempts, card_links, clock, holds
from loyalty.errors import LoyaltyError, NotFound
from loyalty.models import Card, Hold
from loyalty.portal.answers import private

ONCE = re.compile(r"[0-9a-f]{16}")
MOST, WINDOW = 30, timedelta(hours=1)


@require_POST
@private
def claim(request: HttpRequest, key: str) -> HttpResponse:
    """A form has a number of its own: pressed twice, it claims once."""
    card = card_links.find(key)
    number, once = request.POST.get("reward", ""), request.POST.get("once", "")
    if not number.isdecimal() or len(number) > 18 or not ONCE.fullmatch(once):
        raise NotFound
    reward = card.program.rewards.filter(pk=number).first()
    now = clock.now()
    if reward is None or not attempts.allowed(
        "claim", str(card.pk), most=MOST, window=WINDOW, now=now
    ):
        raise NotFound
    try:
        holds.claim(card, reward=reward, key=f"claim:{card.pk}:{once}", now=now)
    except LoyaltyError as refusal:
        messages.error(request, refusal.message)
    else:
        said = _("“%(reward)s” is kept for you. Below you see how you get it.")
        messages.success(request, said % {"reward": reward.name})
    return redirect("card", key)


@require_POST
@private
def give_back(request: HttpRequest, key: str, hold: int) -> HttpResponse:
    """Back on the card, while nobody has handed it over."""
    card = card_links.find(key)
    mine = _mine(card, hold)
    try:
        holds.take_back(mine, now=clock.now())
    except LoyaltyError as refusal:
        messages.error(request, refusal.message)
    return redirect("card", key)


def _mine(card: Card, hold: int) -> Hold:
    found = Hold.objects.filter(pk=hold, card=card, is_claim=True).first()
    if found is None:
        raise NotFound
    return found
