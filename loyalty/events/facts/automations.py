"""What automations ask of each other."""

from dataclasses import dataclass

from loyalty.events.facts.fact import Fact


@dataclass(frozen=True)
class AutomationRequested(Fact):
    """A journey asks that another automation, by its id and slug, takes the same customer."""

    name = "automation_requested"

    automation: int
    slug: str
