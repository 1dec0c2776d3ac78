"""Which wallets a card can be put into here, and where to press."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loyalty.models import Card, WalletKeys
from loyalty.models.wallet import Wallet
from loyalty.wallet import links
from loyalty.wallet.apple import identity
from loyalty.wallet.google import account


@dataclass(frozen=True, slots=True)
class Button:
    wallet: str
    label: str | Promise
    url: str


def of(card: Card) -> list[Button]:
    """One for each wallet that is set up."""
    keys = WalletKeys.get()
    found = []
    if identity.is_set_up(keys):
        found.append(Button(Wallet.APPLE, _("Add to Apple Wallet"), links.to_apple(card)))
    if account.is_set_up(keys):
        found.append(Button(Wallet.GOOGLE, _("Add to Google Wallet"), links.to_google(card)))
    return found
