"""What is held, and what became of it."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from loyalty.errors import IllegalOperation, NotFound
from loyalty.models.card import Card, CardStatus
from loyalty.models.hold import Hold
from loyalty.models.operation import Operation

SHOWN = timedelta(days=1)  # to the customer, when it is settled


def of(card: Card, now: datetime) -> list[Hold]:
    """What is held of that card and can be handed over now, oldest first."""
    if card.has_claims is False:
        return []
    return list(card.holds.open().filter(until__gt=now).select_related("reward").order_by("pk"))


def handled(card: Card, now: datetime) -> list[Hold]:
    """What automations settle of what its customer claimed, and what they settled within a day, the
    newest first."""
    theirs = card.holds.filter(is_claim=True).exclude(handler="").select_related("reward")
    return list(theirs.filter(Q(settled_at=None) | Q(settled_at__gt=now - SHOWN)).order_by("-pk"))


def find(hold_id: int) -> Hold:
    """NotFound where there is none, or its card is blocked or deleted."""
    found = Hold.objects.select_related("card__customer", "reward").filter(pk=hold_id).first()
    if found is None or found.card.status != CardStatus.ACTIVE:
        raise NotFound
    return found


def done(operation: Operation) -> tuple[str, datetime]:
    """Who did it for good, and when: what was held is done by whoever handed it over. Raises
    IllegalOperation while it is held."""
    hold = Hold.objects.filter(operation=operation).first()
    if hold is None or hold.settled_at is None:
        if hold is not None:
            raise IllegalOperation(_("This is only held: give the claim back instead."))
        return operation.actor, operation.at
    return hold.settled_by, hold.settled_at
