"""What an automation can be made of, told from the types themselves: for the API and the docs."""

from collections.abc import Iterator, Mapping
from typing import Any

from automations import inputs, steps
from automations.models import Step
from automations.triggers import TRIGGERS, TriggerType
from loyalty import attributes
from loyalty.field_types import FieldType
from loyalty.fields import Field, FieldSet, of_programs, units


def catalogue() -> dict[str, Any]:
    """Every step, trigger and condition field of this installation; asks the database for the
    programs, whose cards have fields of their own."""
    return {
        "steps": [_step(step) for step in steps.types().values()],
        "triggers": [_trigger(TRIGGERS[name]) for name in sorted(TRIGGERS)],
        "fields": [_field(field) for field in _fields()],
    }


def _step(step: type[Step]) -> dict[str, Any]:
    return {
        "type": step.type,
        "label": str(step.label),
        "help": str(step.help),
        "parameters": inputs.schema(_own(step)),
        "branches": None if _names_branches(step) else list(step.fixed_branches),
    }


def _own(step: type[Step]) -> inputs.Inputs:
    """What stands beside `branches`, which every fork has."""
    return {name: each for name, each in step.takes.items() if name != "branches"}


def _names_branches(step: type[Step]) -> bool:
    """Whether its branches differ from one step to the next."""
    return step.is_fork and not step.fixed_branches


def _trigger(trigger: type[TriggerType]) -> dict[str, Any]:
    payload = trigger.payload()
    return {
        "type": trigger.type,
        "label": str(trigger.label),
        "parameters": inputs.schema(trigger.takes),
        "programs": list(trigger.programs),
        "payload": None if payload is None else list(_typed(payload)),
    }


def _typed(payload: Mapping[str, FieldType]) -> Iterator[dict[str, str]]:
    for name, found in payload.items():
        yield {"name": name, "type": found.name}


def _fields() -> Iterator[Field]:
    """Those of everybody, then what the events bring, each once."""
    yield from FieldSet(cards=of_programs(), attributes=attributes.as_fields()).listed()
    brought: dict[str, Field] = {}
    for trigger in TRIGGERS.values():
        fields = FieldSet(event=_payload(trigger.type))
        for name in _payload(trigger.type):
            if found := fields.find(f"event.{name}"):
                brought.setdefault(found.name, found)
    yield from brought.values()


def _payload(trigger: str) -> Mapping[str, FieldType]:
    """What its event brings, as far as we know it."""
    return TRIGGERS[trigger].payload() or {}


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": str(field.label),
        "type": field.type.name,
        "operators": [str(operator) for operator in field.type.operators],
        "when": _when(field),
    }


def _when(field: Field) -> dict[str, list[str]]:
    """What must be so for it to have a value: one of these triggers, a card of one of these types.
    What is not named does not matter."""
    subject, _dot, rest = field.name.partition(".")
    match subject:
        case "event":
            return {"triggers": [name for name in TRIGGERS if rest in _payload(name)]}
        case "order":
            return {"triggers": [name for name in TRIGGERS if TRIGGERS[name].has_order()]}
        case "card" if field.unit:
            return {"programs": list(units()[field.unit])}
    return {}
