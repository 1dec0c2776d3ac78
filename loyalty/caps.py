"""How much a card may still earn by visits and purchases in this period."""

from datetime import datetime, timedelta

from django.db.models import F, Q, Sum

from loyalty import zones
from loyalty.models import Business, Card, Entry, Operation
from loyalty.models.mechanics import CapPeriod
from loyalty.postings import Kind


def room(card: Card, now: datetime) -> int | None:
    """So much of what its program earns; None: no limit. What automations gave does not count, nor
    what was refunded; what was earned on cards whose place it took does."""
    program = card.program
    if program.cap_amount is None:
        return None
    both = [card.pk, *Card.objects.closed_into(card).values_list("pk", flat=True)]
    done = Operation.objects.filter(card__in=both)
    given = done.filter(
        kind=Kind.ACCRUE, at__gte=_since(CapPeriod(program.cap_period), now), reversed_by=None
    ).exclude(actor__startswith="journey:")
    back = done.filter(kind=Kind.REFUND, order__in=given.values("order"))
    entries = Entry.objects.filter(
        account__card__in=both, account__unit=program.earns, kind__in=(Kind.ACCRUE, Kind.REFUND)
    ).filter(Q(operation__in=given.values("pk")) | Q(operation__in=back.values("pk")))
    total = entries.aggregate(n=Sum(F("amount") - F("debt_delta"), default=0))["n"]
    return max(0, program.cap_amount - int(total))


def _since(period: CapPeriod, now: datetime) -> datetime:
    """When the day, week or month that it is began on the business's clock."""
    zone = Business.get().time_zone
    wall = now.astimezone(zones.zone(zone)).replace(tzinfo=None)
    day = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    match period:
        case CapPeriod.WEEK:
            day -= timedelta(days=day.weekday())
        case CapPeriod.MONTH:
            day = day.replace(day=1)
    return zones.localise(day, zone)
