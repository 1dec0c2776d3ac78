"""Which events may concern anybody: what nobody can hear is written as looked at, at its birth.

Most of what a batch tells (a balance has changed) is listened to by no automation of the shop; to
look at each such event later would take a fifth as long as all that made it.
"""

from collections.abc import Container, Iterable
from datetime import datetime

from automations.engine import wishes
from automations.engine.plans import listeners, plan_of
from automations.models import Automation, Version
from loyalty.events import Draft, StepRequested


def heard() -> Container[str]:
    """The names of events that may start, end or wake somebody: what Working automations listen to,
    and what those inside await in any version that was ever published.

    Who publishes after this was asked hears of what happens after it.
    """
    working = Automation.objects.working().filter(deleted_at=None).order_by("pk")
    live = tuple(pk for pk in working.values_list("live_id", flat=True) if pk)
    published = Version.objects.filter(published_at__isnull=False, automation__deleted_at=None)
    lists = published.order_by().values_list("heard_inside", flat=True).distinct()
    inside = [names for names in lists if names is not None]
    if len(inside) < len(lists):  # some were published before this was written down
        older = published.filter(heard_inside__isnull=True).values_list("pk", flat=True)
        inside += [plan_of(pk).heard_inside for pk in older]
    return {wishes.REQUESTED, StepRequested.name, *listeners(live)}.union(*inside)


def mark(told: Iterable[Draft], names: Container[str], now: datetime) -> None:
    """Nobody needs to look at those of them that nobody can hear."""
    for each in told:
        if each.name not in names:
            each.entered_at = now
