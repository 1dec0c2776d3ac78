"""The button on a card's page by which a customer asks for pushes."""

from loyalty.card_parts import Part
from loyalty.models import Card
from messaging import subscriptions
from messaging.providers.webpush import public_key


def push_button(card: Card) -> Part:
    """Shown by its script alone, in browsers that can show pushes."""
    context = {
        "key": public_key(subscriptions.sender()),
        "token": subscriptions.token_of(card.customer),
    }
    return Part("messaging/push_button.html", context)
