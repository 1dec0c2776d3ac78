"""Putting somebody on a tier by hand."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from loyalty import customers, events
from loyalty.causes import Cause
from loyalty.errors import Invalid, NotFound
from loyalty.events import Fact
from loyalty.models import Customer, Standing, Tier
from loyalty.tiers import rules, standings
from loyalty.tiers.rules import Rules


def assign(
    customer: Customer,
    tier: Tier | None,
    *,
    until: datetime | None = None,
    reason: str = "",
    cause: Cause,
    now: datetime,
) -> Standing:
    """Put the customer on that tier (None: on none), told once, whatever lies between.

    Until that moment nothing but a hand moves them; without one the next look at them may, as the
    ladder's rules say. Raises Invalid for a moment that has passed, NotFound for a customer who was
    erased. The same again changes and tells nothing.
    """
    if until is not None and until <= now:
        raise Invalid({"until": [_("That has passed.")]})
    with transaction.atomic():
        ladder = rules.read()
        if ladder is None or not customers.lock([customer.pk]):
            raise NotFound
        row = standings.load([customer.pk], now)[customer.pk]
        if fact := put(row, ladder, tier, until=until, reason=reason, now=now):
            events.write(standings.tell(row, [fact], cause, now))
        standings.write([row])
    return row


def put(
    row: Standing,
    ladder: Rules,
    tier: Tier | None,
    *,
    until: datetime | None,
    reason: str = "",
    now: datetime,
) -> Fact | None:
    """Change the locked row in memory; what there is to tell of it, if it is another tier."""
    before, after = ladder.level(row), ladder.level_of(tier.pk if tier else None)
    if before != after:
        standings.move(row, after, ladder, count=None, until=until, reason=reason, now=now)
        return standings.changed(before, after, ladder)
    row.locked_until = until
    row.reason = reason
    standings.schedule(row, ladder, now)
    return None
