"""What a chain can count on: the fields that have a value with its triggers and programs."""

from collections.abc import Iterable, Sequence

from automations import happenings, steps
from automations.models import Thread, Trigger, Version
from automations.problems import Around
from automations.triggers import TRIGGERS
from automations.triggers.base import TriggerType
from loyalty import attributes
from loyalty.field_types import FieldType
from loyalty.fields import FieldSet, of_programs
from loyalty.models import Program


def of(thread: Thread) -> Around:
    """Around every step of the thread; without a trigger nothing is known, so all is allowed."""
    return _around(thread.version, kinds_of(thread.triggers.all()))


def of_version(version: Version) -> Around:
    """Around whoever is inside it, in whichever thread."""
    of_all = Trigger.objects.filter(thread__version=version)
    return _around(version, kinds_of(of_all))


def _around(version: Version, kinds: Sequence[type[TriggerType]]) -> Around:
    programs = programs_of(version)
    known = of_programs()
    if not kinds:
        fields = FieldSet(
            cards=known, attributes=attributes.as_fields(), has_coupon=_gives_coupon(version)
        )
        return Around(fields, has_card=True)
    has_card = any(kind.has_card for kind in kinds) or version.programs.exists()
    units = (unit for program in programs if _is_for(program, kinds) for unit in program.units)
    return Around(
        FieldSet(
            cards=known,
            card=frozenset(units) if has_card else frozenset(),
            event=_payload(kinds),
            attributes=attributes.as_fields(),
            has_order=any(kind.has_order() for kind in kinds),
            has_coupon=_gives_coupon(version),
        ),
        has_card=has_card,
    )


def _gives_coupon(version: Version) -> bool:
    """Whether one of its steps gives a code, so that the texts of others may say it."""
    giving = [kind for kind in steps.types().values() if kind.gives_coupon]
    return bool(giving) and version.steps.instance_of(*giving).exists()


def of_trigger(kind: type[TriggerType], programs: Sequence[Program] | None = None) -> FieldSet:
    """What a trigger's own condition may ask; without programs, whatever cards there are."""
    card: frozenset[str] | None = None
    if programs is not None:
        card = frozenset(unit for program in programs for unit in program.units)
    return FieldSet(
        card=card,
        event=kind.payload(),
        attributes=attributes.as_fields(),
        has_order=kind.has_order(),
    )


def of_event(name: str, version: Version | None = None) -> FieldSet:
    """What the filter of a goal or an exit rule may ask, of the customer, of the card their journey
    is about, and of that event; without a version, whatever cards there are."""
    return happenings.fields_of(name, of_version(version).fields if version else FieldSet())


def kinds_of(triggers: Iterable[Trigger]) -> list[type[TriggerType]]:
    return [TRIGGERS[trigger.type] for trigger in triggers if trigger.type in TRIGGERS]


def programs_of(version: Version) -> list[Program]:
    """The programs it is about: those chosen, else all."""
    return list(version.programs.all()) or list(Program.objects.all())


def _is_for(program: Program, kinds: Sequence[type[TriggerType]]) -> bool:
    return any(not kind.programs or program.type in kind.programs for kind in kinds)


def _payload(kinds: Sequence[type[TriggerType]]) -> dict[str, FieldType] | None:
    """All fields that one of the events has; None where somebody else makes one."""
    merged: dict[str, FieldType] = {}
    for kind in kinds:
        payload = kind.payload()
        if payload is None:
            return None
        merged |= payload
    return merged
