"""What automations ask of each other."""

from dataclasses import dataclass

from loyalty.events.facts.fact import Fact


@dataclass(frozen=True)
class AutomationRequested(Fact):
    """A journey asks that another automation, by its id and slug, takes the same customer."""

    name = "automation_requested"

    automation: int
    slug: str


@dataclass(frozen=True)
class StepRequested(Fact):
    """A journey of somebody else has come to a step that is for this customer: the step of that
    key of that version, as its run number `moves`. `event` is what the journey began with,
    `program` that of its card, `coupon` the journey and number of the run that gave them a code."""

    name = "step_requested"

    version: int
    step: str
    journey: int
    moves: int
    event: int
    program: int | None
    coupon: list[int] | None
