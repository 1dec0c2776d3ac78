"""The rules of an automation as a person would say them."""

from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automations import filters, happenings
from automations.models import Automation, Thread, Version
from automations.models.automation import Again, IfInside
from loyalty import zones
from loyalty.fields import EVERYTHING
from loyalty.models import Business


def entry(thread: Thread) -> str:
    """“Once in 30 days; whoever is inside starts anew; 100 at most”."""
    parts = [_again(thread)]
    if thread.if_inside != IfInside.IGNORE:
        who = {
            IfInside.RESTART: _("whoever is inside starts anew"),
            IfInside.PARALLEL: _("also while they are inside"),
        }
        parts.append(who[IfInside(thread.if_inside)])
    if thread.cap:
        parts.append(_("%(n)s entries at most") % {"n": intcomma(thread.cap)})
    return "; ".join(parts)


def _again(thread: Thread) -> str:
    if thread.again == Again.ONCE_PER_DAYS and thread.days:
        return ngettext("Once in %(n)d day", "Once in %(n)d days", thread.days) % {"n": thread.days}
    if thread.again == Again.ONCE_PER_KEY and thread.entry_key:
        found = EVERYTHING.find(thread.entry_key)
        return _("Once for each %(field)s") % {"field": found.label if found else thread.entry_key}
    return str(Again(thread.again).label)


def schedule(version: Version) -> str:
    """“From 1 Dec 2026, 09:00 until …”, by the clocks of the business."""
    starts, ends = version.starts_at, version.ends_at
    if starts and ends:
        return _("From %(start)s until %(end)s") % {"start": _clock(starts), "end": _clock(ends)}
    if starts:
        return _("From %(start)s on") % {"start": _clock(starts)}
    if ends:
        return _("Until %(end)s") % {"end": _clock(ends)}
    return _("Always")


def _clock(at: datetime) -> str:
    return date_format(at.astimezone(zones.zone(Business.get().time_zone)), "j M Y, H:i")


def scope(version: Version) -> str:
    parts = [
        ", ".join(platform(name) for name in version.platforms),
        ", ".join(location.name for location in version.locations.all()),
    ]
    return capfirst(" · ".join(filter(None, parts))) or _("From anywhere")


def platform(name: str) -> str:
    """“the counter”; of other systems their name."""
    known = {"counter": _("the counter"), "api": _("the API")}
    return known.get(name) or name.replace("_", " ").replace("-", " ").capitalize()


def programs(version: Version) -> str:
    names = [program.name for program in version.programs.all()]
    return capfirst(", ".join(names)) if names else _("Cards of any program")


def happening(rule: dict[str, Any] | None) -> str:
    """“Order paid, if the order's total is at least 20.00”."""
    if not rule:
        return _("None")
    said, tree = happenings.label(rule["event"]), rule.get("filter")
    if tree is None:
        return said
    return _("%(event)s, if %(filter)s") % {"event": said, "filter": filters.sentence(tree)}


def limits(automation: Automation) -> str:
    points, messages = automation.most_points_a_day, automation.most_messages_a_day
    parts = []
    if points:
        words = ngettext("%(n)s point a day", "%(n)s points a day", points)
        parts.append(words % {"n": intcomma(points)})
    if messages:
        words = ngettext("%(n)s message a day", "%(n)s messages a day", messages)
        parts.append(words % {"n": intcomma(messages)})
    return ", ".join(parts) or _("None")
