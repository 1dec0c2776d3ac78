from typing import Any

from django import template

from loyalty import card_parts as parts
from loyalty.models import Card
from loyalty.wallet import buttons

register = template.Library()


@register.inclusion_tag("loyalty/wallet/buttons.html")
def wallet_buttons(card: Card) -> dict[str, Any]:
    """`{% wallet_buttons card %}`: a link for each wallet that is set up; nothing where none is."""
    return {"buttons": buttons.of(card)}


@register.inclusion_tag("loyalty/card_parts.html")
def card_parts(card: Card) -> dict[str, Any]:
    """`{% card_parts card %}`: what the apps above us have for a card's own page."""
    return {"parts": parts.of(card)}
