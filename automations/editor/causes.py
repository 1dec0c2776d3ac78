"""What set something off, as a person would say it."""

from collections.abc import Callable

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from automations.models import Journey, Trigger
from automations.triggers import TRIGGERS
from loyalty.models import ApiToken, Event


def trigger(journey: Journey) -> str:
    """The trigger of the journey's thread that the event is for, else the event itself."""
    for each in _triggers(journey):
        kind = TRIGGERS.get(each.type)
        if kind and kind.matches(each.params, journey.event):
            return kind.sentence(each.params)
    return event(journey.event)


def event(of: Event) -> str:
    """“Card scanned”."""
    return of.name.replace("_", " ").capitalize()


def cause(text: str) -> str:
    """`token:3` → “API token Till 1”; what is not known stays as it is."""
    kind, _colon, rest = text.partition(":")
    said = SAYINGS.get(kind)
    return said(rest) if said else text.capitalize()


def _triggers(journey: Journey) -> list[Trigger]:
    of_it = Trigger.objects.filter(thread__version=journey.version_id, thread__key=journey.thread)
    return list(of_it.order_by("position"))


def _token(pk: str) -> str:
    found = ApiToken.objects.filter(pk=pk).first() if pk.isdecimal() else None
    return _("API token “%(name)s”") % {"name": found.name} if found else _("an API token")


def _staff(pk: str) -> str:
    found = get_user_model().objects.filter(pk=pk).first() if pk.isdecimal() else None
    return _("%(name)s, staff") % {"name": found.get_username()} if found else _("staff")


SAYINGS: dict[str, Callable[[str], str]] = {
    "customer": lambda _pk: _("the customer"),
    "command": lambda _rest: _("a command"),
    "token": _token,
    "api": _token,
    "staff": _staff,
    "order": lambda key: _("order %(key)s") % {"key": key},
    "journey": lambda pk: _("journey %(pk)s") % {"pk": pk},
    "webhook": lambda _pk: _("a webhook"),
    "clock": lambda _rest: _("the passing of time"),
    "scan": lambda _rest: _("a scan"),
}
