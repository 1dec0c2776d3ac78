"""May this be said to this customer now? Asked when a message is marked `sending`, not before."""

from collections.abc import Callable
from operator import attrgetter

from django.utils.translation import gettext as _

from loyalty.models import Customer
from messaging import subscriptions

ADDRESSES: dict[str, Callable[[Customer], str]] = {
    "email": attrgetter("email"),
    "push": subscriptions.address_of,
}


def verdict(customer: Customer, channel: str) -> str:
    """ "" when the channel may be used, else the reason in words for the shop owner."""
    if customer.erased_at is not None:
        return _("The customer was deleted.")
    if not customer.consents_to(channel):
        return _("The customer has not agreed to messages by %s.") % channel
    if not address(customer, channel):
        return _("The customer has no address for %s.") % channel
    return ""


def verdict_on_service(to: str) -> str:
    """The same of what the product itself must say, which asks for no consent: whoever was
    forgotten before it was sent has no address any more."""
    return "" if to else _("The customer was deleted.")


def address(customer: Customer, channel: str) -> str:
    """Where the customer is reached on that channel; "" for nowhere."""
    find = ADDRESSES.get(channel)
    return find(customer) if find else ""
