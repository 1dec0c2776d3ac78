"""The events a journey can wait for: their names in words, and what conditions may ask of them."""

import dataclasses

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from automations.triggers import TRIGGERS
from loyalty import fields
from loyalty.events import FACTS, RESERVED
from loyalty.fields import FieldSet


def listed() -> list[tuple[str, str]]:
    """The product's own events with their labels; any other name is somebody else's."""
    return sorted(((name, label(name)) for name in FACTS), key=lambda each: each[1])


def label(name: str) -> str:
    """As the trigger of the same name says it; an event of somebody else's in quotes."""
    if name not in RESERVED:
        return _("“%(name)s”") % {"name": name}
    trigger = TRIGGERS.get(name)
    return str(trigger.label) if trigger else capfirst(name.replace("_", " "))


def is_silent(name: str) -> bool:
    """Whether the name is kept for an event of the product's own that nothing here tells of."""
    return name in RESERVED and name not in FACTS


def fields_of(name: str, around: FieldSet) -> FieldSet:
    """The fields that have a value once that event has happened, for who stands `around`."""
    fact = FACTS.get(name)
    return dataclasses.replace(
        around,
        event=fields.payload(fact) if fact else None,
        has_order=bool(fact and fact.names_order),
    )
