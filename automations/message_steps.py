"""What steps that say something share: the names in their texts, and what is wrong with them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from automations.outcomes import Skip
from automations.problems import Around
from loyalty.errors import LoyaltyError
from messaging import rendering
from messaging.models import Sender
from messaging.names import OF_BUSINESS

if TYPE_CHECKING:
    from automations.place import Place


def problems(texts: Sequence[str], around: Around) -> list[str | Promise]:
    """What is wrong with the texts where they are said, each once."""

    def known(name: str) -> bool:
        return name in OF_BUSINESS or around.fields.find(name) is not None

    found = [each for text in texts for each in rendering.problems(text, known)]
    return list(dict.fromkeys(found))


def switched_off(sender: Sender) -> list[str | Promise]:
    if sender.is_active:
        return []
    return [_("The sender “%(name)s” is switched off.") % {"name": sender.name}]


def names(subject: str, body: str) -> list[str]:
    """Those whose values a message takes along."""
    return [name for name in rendering.names_used(subject, body) if name not in OF_BUSINESS]


def say(
    place: "Place",
    template_id: int | None,
    names: list[str],
    *,
    channel: str,
    sender_id: int | None = None,
    more: dict[str, Any] | None = None,
) -> Skip | None:
    """Queue it for the customer at that place, or say why not."""
    if place.customer is None or template_id is None:
        return Skip(_("There is nobody to write to."))
    values = {name: place.facts.said(name) for name in names}
    try:
        place.say(template_id, values | (more or {}), sender_id, channel)
    except LoyaltyError as refused:
        return Skip(refused.message)
    return None
