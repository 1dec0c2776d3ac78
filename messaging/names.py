"""The merge names a text may use: what stands between the braces of `{{ customer.first_name }}`."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

Known = Callable[[str], bool]

# With a word for staff each; the editor offers these.
NAMES = {
    "customer.first_name": _("First name"),
    "customer.last_name": _("Last name"),
    "customer.name": _("Full name"),
    "customer.email": _("Email"),
    "customer.phone": _("Phone"),
    "customer.language": _("Language"),
    "customer.birthday": _("Birthday"),
    "customer.tags": _("Tags"),
    "card.number": _("Card number"),
    "card.serial": _("Card serial"),
    "card.stamps": _("Stamps on the card"),
    "card.rewards": _("Rewards on the card"),
    "card.points": _("Points on the card"),
    "card.status": _("Card status"),
    "business.name": _("Name of the business"),
    "business.address": _("Address of the business"),
}

# What follows these is named by others: a customer's attributes, another card's units, a payload.
OPEN = {"customer.attributes": 1, "cards": 2, "event": 1, "order": 1}


def known(name: str) -> bool:
    """Whether every customer's text may use the name; higher apps may ask a stricter predicate."""
    return name in NAMES or any(
        name.startswith(f"{stem}.") and _has_parts(name.removeprefix(f"{stem}."), parts)
        for stem, parts in OPEN.items()
    )


def _has_parts(rest: str, least: int) -> bool:
    parts = rest.split(".")
    return len(parts) >= least and all(parts)
