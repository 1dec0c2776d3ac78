from typing import Any

from django import template

from loyalty.models import Card
from loyalty.wallet import buttons

register = template.Library()


@register.inclusion_tag("loyalty/wallet/buttons.html")
def wallet_buttons(card: Card) -> dict[str, Any]:
    """`{% wallet_buttons card %}`: a link for each wallet that is set up; nothing where none is."""
    return {"buttons": buttons.of(card)}
