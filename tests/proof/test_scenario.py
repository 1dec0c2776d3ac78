"""The scenario of the proof leaves nothing out."""

from automations.steps import types
from tests.proof import chains


def test_every_type_of_step_is_walked_through():
    walked = {step["type"] for document in chains.documents() for step in steps_of(document)}

    assert walked >= {
        name for name, kind in types().items() if kind.__module__.startswith("automations.")
    }


def steps_of(part):
    match part:
        case {"type": str(), "key": str()}:
            yield part
            yield from steps_of(list(part.values()))
        case dict():
            yield from steps_of(list(part.values()))
        case list():
            for each in part:
                yield from steps_of(each)
