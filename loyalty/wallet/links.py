"""Links by which a card is put into a wallet. Whoever has one has the card, as with its QR code: so
it ends, and a card that was replaced makes the links to the old one worthless."""

from django.core import signing

from loyalty import addresses, cards
from loyalty.errors import NotFound
from loyalty.models import Card

SALT = "loyalty.wallet.link"
LIFE = 30 * 24 * 3600  # seconds


def key_of(card: Card) -> str:
    return signing.dumps(card.code, salt=SALT, compress=False)


def card_of(key: str) -> Card:
    """The card of that key; NotFound for one that is forged, too old or replaced."""
    try:
        code = signing.loads(key, salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        raise NotFound from None
    return cards.find(str(code))


def to_apple(card: Card) -> str:
    """Absolute; it downloads the pass."""
    return addresses.whole("apple_pass", key_of(card))


def to_google(card: Card) -> str:
    """Absolute; it leads on to Google's page."""
    return addresses.whole("google_pass", key_of(card))
