from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from automations import inputs
from automations.inputs import Inputs
from automations.problems import refuse
from loyalty.events import FACTS
from loyalty.field_types import FieldType
from loyalty.fields import payload
from loyalty.models import Event, Program

FormClass = type[forms.Form]

TRIGGERS: dict[str, type["TriggerType"]] = {}


class TriggerType:
    """What may start an automation. Registers itself; `event` is the name of the fact it is about.

    `form` is the editor's form of its parameters, `takes` the same for portable documents.
    `programs` are the card types it is for (none: it asks nothing of a card), `has_card` says
    whether its event is about a card.
    """

    type: ClassVar[str]
    label: ClassVar[str | Promise]
    group: ClassVar[str]
    event: ClassVar[str] = ""
    has_card: ClassVar[bool] = False
    programs: ClassVar[tuple[str, ...]] = ()
    form: ClassVar[FormClass] = forms.Form
    takes: ClassVar[Inputs] = {}

    def __init_subclass__(cls) -> None:
        if cls.type in TRIGGERS:
            raise TypeError(f"Two triggers are called {cls.type}.")
        TRIGGERS[cls.type] = cls

    @classmethod
    def events(cls, params: Mapping[str, Any]) -> tuple[str, ...]:
        """The names of the events it listens to."""
        return (cls.event,)

    @classmethod
    def matches(cls, params: Mapping[str, Any], event: Event) -> bool:
        return event.name in cls.events(params)

    @classmethod
    def settles(cls, params: Mapping[str, Any], event: Event) -> int | None:
        """The number of what the customer claimed, where whoever comes in by it settles that."""
        return None

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        """When it fires, in plain words: “When a stamp card reaches 10 stamps”."""
        raise NotImplementedError

    @classmethod
    def payload(cls) -> Mapping[str, FieldType] | None:
        """The event's own fields; None where only its sender knows them."""
        return payload(FACTS[cls.event])

    @classmethod
    def has_order(cls) -> bool:
        return cls.event in FACTS and bool(FACTS[cls.event].names_order)

    @classmethod
    def read(cls, params: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Portable parameters, made fit; raises Invalid naming path and reason."""
        return inputs.read(cls.takes, params, path)

    @classmethod
    def problems(cls, params: Mapping[str, Any], programs: list[Program]) -> list[str | Promise]:
        """What must be mended before it may be published; `programs` are those it may be about."""
        if cls.programs and not any(program.type in cls.programs for program in programs):
            return [_("None of the chosen programs has cards that this trigger is for.")]
        return []


def type_of(name: object, path: str) -> type[TriggerType]:
    """The type of that name; raises Invalid."""
    if not isinstance(name, str) or name not in TRIGGERS:
        raise refuse(path, _("There is no trigger “%(name)s”.") % {"name": name})
    return TRIGGERS[name]
