"""Where the steps of a version stand, as far as it matters to journeys that come from another."""

from dataclasses import dataclass

from automations.models import Step, Version
from automations.versions import lanes_of, threads_of


@dataclass(frozen=True, slots=True)
class Spot:
    """A step with its thread and the parallel step in whose branches it stands; journeys stand
    only where their own parent's branches are, those without a parent outside of all."""

    step: Step
    thread: str
    fork: str


def of(version: Version) -> dict[str, Spot]:
    """Every step of the version by its key."""
    lanes = lanes_of(version)
    found: dict[str, Spot] = {}
    for thread in threads_of(version):
        grounds = dict(lanes.grounds(None, thread.key))
        for step in lanes.walk(None, thread.key):
            inside = grounds[step.key]
            fork = inside[-1].partition(".")[0] if inside else ""
            found[step.key] = Spot(step, thread.key, fork)
    return found
