"""Why somebody is not let in: one small rule after the other, over what was looked up before."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automations.engine.entries import Entries, SeatKey
from automations.engine.plans import Plan
from automations.models import Thread
from automations.models.automation import Again, IfInside
from loyalty import zones
from loyalty.conditions import Node, holds
from loyalty.facts import Facts
from loyalty.models import Card, Customer, Event

LONGEST_KEY = 250
ONCE = "once"


class Refusal(NamedTuple):
    """Why, in words for the shop owner; `metric` names the limit that was hit."""

    reason: str
    metric: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """An event that would start a thread, and all that decides whether it does.

    `filter` is the trigger's condition. `is_request`: another automation sends the customer here,
    so nobody asks where the event came from. `entries_left` is none where there is no cap.
    """

    event: Event
    plan: Plan
    thread: Thread
    filter: Node | None
    is_request: bool
    customer: Customer | None
    card: Card | None
    facts: Callable[[], Facts]
    key: str
    entries: Entries
    is_inside: bool
    entries_left: int | None
    zone: str
    now: datetime

    @property
    def seat(self) -> SeatKey:
        return self.plan.automation_id, self.thread.key, self.event.subject


def refusal(asking: Asking) -> Refusal | None:
    """The first rule that keeps it out; none: it may enter."""
    return next(filter(None, (rule(asking) for rule in RULES)), None)


def key_of(thread: Thread, event: Event, facts: Callable[[], Facts]) -> str:
    """Under what it would be enrolled; empty where the field that names it has no value."""
    match thread.again:
        case Again.ONCE:
            return ONCE
        case Again.ONCE_PER_KEY:
            value = facts().value(thread.entry_key)
            return "" if value is None else _short(f"key:{_said(value)}")
    return event.key


def starts_anew(thread: Thread) -> bool:
    """Whether who is inside makes room for whoever comes."""
    return thread.if_inside == IfInside.RESTART


def look_back(thread: Thread, today: datetime, now: datetime) -> datetime:
    """Since when its rule wants to know of entries; today's are always counted."""
    match thread.again:
        case Again.ONCE:
            return EVER
        case Again.ONCE_PER_DAYS:
            return min(today, now - _window(thread))
    return today


EVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


# --- The rules, in the order in which they are asked ----------------------------------------------


def _loop(asking: Asking) -> Refusal | None:
    if asking.event.depth < settings.DEEPEST_CAUSE:
        return None
    times = settings.DEEPEST_CAUSE
    return Refusal(_("Loop: automations started each other %d times.") % times, "loops")


def _gone(asking: Asking) -> Refusal | None:
    if asking.event.customer_id and asking.customer is None:
        return Refusal(_("The customer was deleted."))
    return None


def _other_program(asking: Asking) -> Refusal | None:
    programs, card = asking.plan.programs, asking.card
    if not asking.event.card_id or not programs or asking.is_request:
        return None
    if card is None or card.program_id not in programs:
        return Refusal(_("Not about a card of its programs."))
    return None


def _too_early(asking: Asking) -> Refusal | None:
    starts_at = asking.plan.starts_at
    if starts_at is None or asking.event.occurred_at >= starts_at:
        return None
    return Refusal(_("It lets nobody in before %s.") % _clock(starts_at, asking.zone))


def _too_late(asking: Asking) -> Refusal | None:
    ends_at = asking.plan.ends_at
    if ends_at is None or asking.event.occurred_at < ends_at:
        return None
    return Refusal(_("It lets nobody in after %s.") % _clock(ends_at, asking.zone))


def _other_platform(asking: Asking) -> Refusal | None:
    platforms = asking.plan.platforms
    if not platforms or asking.is_request or asking.event.data.get("platform") in platforms:
        return None
    return Refusal(_("Not from one of its platforms."))


def _elsewhere(asking: Asking) -> Refusal | None:
    locations = asking.plan.locations
    if not locations or asking.is_request or asking.event.location_id in locations:
        return None
    return Refusal(_("It did not happen at one of its locations."))


def _unmet(asking: Asking) -> Refusal | None:
    if asking.filter is None or holds(asking.filter, asking.facts()):
        return None
    return Refusal(_("The trigger's condition was not met."))


def _no_key(asking: Asking) -> Refusal | None:
    if asking.key:
        return None
    return Refusal(_("“%s” has no value, and it is what decides.") % asking.thread.entry_key)


def _entered_before(asking: Asking) -> Refusal | None:
    seat, thread = asking.seat, asking.thread
    if asking.entries.has(seat, asking.key):
        return Refusal(_("Entered before."))
    latest = asking.entries.latest(seat)
    if latest is None:
        return None
    if thread.again == Again.ONCE:
        return Refusal(_("Entered before."))
    if thread.again == Again.ONCE_PER_DAYS and latest > asking.now - _window(thread):
        days = thread.days or 0
        text = ngettext("Entered within the last %d day.", "Entered within the last %d days.", days)
        return Refusal(text % days)
    return None


def _inside(asking: Asking) -> Refusal | None:
    if asking.is_inside and asking.thread.if_inside == IfInside.IGNORE:
        return Refusal(_("Already inside."))
    return None


def _too_often(asking: Asking) -> Refusal | None:
    most = settings.MOST_ENTRIES_A_DAY
    if asking.entries.today(asking.plan.automation_id, asking.event.subject) < most:
        return None
    return Refusal(_("Entered %d times today, and more may not be.") % most, "daily")


def _full(asking: Asking) -> Refusal | None:
    if asking.entries_left is None or asking.entries_left > 0:
        return None
    return Refusal(
        _("As many as may enter, %d, have entered.") % (asking.thread.cap or 0), "capped"
    )


RULES: tuple[Callable[[Asking], Refusal | None], ...] = (
    *(_loop, _gone, _other_program, _too_early, _too_late, _other_platform, _elsewhere),
    *(_unmet, _no_key, _entered_before, _inside, _too_often, _full),
)


# --- Values ---------------------------------------------------------------------------------------


def _window(thread: Thread) -> timedelta:
    return timedelta(hours=24 * (thread.days or 0))


def _clock(at: datetime, zone: str) -> str:
    return at.astimezone(zones.zone(zone)).strftime("%Y-%m-%d %H:%M")


def _said(value: Any) -> str:
    """The same for the same value every time; a number and its digits as a text are one booking."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float | list | tuple | dict):
        return json.dumps(value, sort_keys=True)
    return str(value)


def _short(key: str) -> str:
    """As long as the column; what is longer is hashed."""
    if len(key) <= LONGEST_KEY:
        return key
    return f"key:sha256:{hashlib.sha256(key.encode()).hexdigest()}"
