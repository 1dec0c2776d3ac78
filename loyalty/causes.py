"""Why something happened, and how far it is from the outside world."""

from dataclasses import dataclass

# Events deeper than this start no journeys: automations that feed each other stop here.
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Cause:
    """`text` is kind and id ("scan", "order:4711", "journey:12", "api:3", "import", "clock");
    `depth` counts the journeys between the outside world and here."""

    text: str
    depth: int = 0


CLOCK = Cause("clock")
