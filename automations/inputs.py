"""What a type takes, declared once: read from portable documents, shown in the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from django.utils.translation import gettext as _

from automations.problems import Findings
from loyalty import cleaning
from loyalty.cleaning import Cleaner, Unfit
from loyalty.field_types import TIME

MOST = 10**9


@dataclass(frozen=True, slots=True)
class Input:
    """`clean` makes a value fit or raises Unfit; `schema` says the same in JSON Schema."""

    clean: Cleaner
    schema: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False


Inputs = Mapping[str, Input]


def text(longest: int, *, required: bool = False, **schema: Any) -> Input:
    shape = {"type": "string", "maxLength": longest} | ({"minLength": 1} if required else {})
    return Input(cleaning.text(longest, required=required), shape | schema, required)


def whole(low: int, high: int = MOST, *, required: bool = False) -> Input:
    shape = {"type": "integer", "minimum": low, "maximum": high}
    return Input(cleaning.integer(low, high), shape, required)


def flag() -> Input:
    """Yes or no; absent is no."""
    return Input(cleaning.yes_or_no, {"type": "boolean"})


def one_of(*choices: str, required: bool = False) -> Input:
    return Input(cleaning.choice(*choices), {"type": "string", "enum": list(choices)}, required)


def clock() -> Input:
    """A time of day, `09:00`; as `datetime.time`."""
    return Input(_clock, {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"})


def _clock(value: Any) -> time | None:
    if value is None:
        return None
    read = TIME.read(value)
    if not isinstance(value, str) or read is None:
        raise Unfit(_("This must be %(wanted)s.") % {"wanted": TIME.wants})
    return time(read.hour, read.minute)


def read(inputs: Inputs, data: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The values, made fit; raises Invalid naming each that is missing, unfit or unknown."""
    findings = Findings()
    values: dict[str, Any] = {}
    for name, each in inputs.items():
        if name not in data and each.required:
            findings.add(f"{path}.{name}", _("This is missing."))
    for name, value in data.items():
        try:
            clean = inputs[name].clean if name in inputs else cleaning.unknown
            values[name] = clean(value)
        except Unfit as reason:
            findings.add(f"{path}.{name}", str(reason))
    findings.stop_if_any()
    return values


def schema(inputs: Inputs) -> dict[str, Any]:
    """The inputs as a JSON Schema object."""
    shape: dict[str, Any] = {
        "type": "object",
        "properties": {name: dict(each.schema) for name, each in inputs.items()},
        "additionalProperties": False,
    }
    required = [name for name, each in inputs.items() if each.required]
    return shape | ({"required": required} if required else {})
