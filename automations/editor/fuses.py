"""Limits that were hit and fuses that blew, in numbers and words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from automations.models import Automation, Counter
from automations.models.automation import Mode

# By the metric in which the engine counts them.
LIMITS: Mapping[str, str | Promise] = {
    "loops": _("Stopped: automations started each other, or a chain went in circles"),
    "daily": _("Not let in: they had entered too often that day"),
    "capped": _("Not let in: as many as may enter had entered"),
    "budget": _("Steps skipped: what it may give or send in a day was spent"),
    "breaker": _("Set back to Draft: its steps kept failing"),
}

# A full one turns people away for as long as it works, and the fuse has a note of its own.
NEED_A_LOOK = ("loops", "daily", "budget")


@dataclass(frozen=True, slots=True)
class Hit:
    """How often a limit was hit today (UTC, as all counters) and ever."""

    text: str | Promise
    today: int
    total: int


def of(automation: Automation, now: datetime) -> list[Hit]:
    """The limits that this automation has ever hit; one query."""
    found = (
        automation.counters.filter(step_key="", metric__in=LIMITS)
        .values_list("metric")
        .annotate(total=Sum("n"), today=Sum("n", filter=Q(day=now.date())))
    )
    numbers = {metric: (today or 0, total) for metric, total, today in found}
    return [Hit(text, *numbers[metric]) for metric, text in LIMITS.items() if metric in numbers]


def hit_today(now: datetime) -> list[tuple[Automation, int]]:
    """Which automations have hit a limit today that staff should know of, and how often; two
    queries at most."""
    counters = Counter.objects.filter(step_key="", metric__in=NEED_A_LOOK, day=now.date())
    times = dict(counters.values_list("automation").annotate(n=Sum("n")))
    hit = Automation.objects.filter(pk__in=times, deleted_at=None).order_by("name", "pk")
    return [(automation, times[automation.pk]) for automation in hit] if times else []


def blown() -> QuerySet[Automation]:
    """Automations that a fuse has set back to Draft, and nobody has mended yet."""
    drafts = Automation.objects.filter(mode=Mode.DRAFT, deleted_at=None)
    return drafts.exclude(draft_note="").order_by("name", "pk")
