"""Why something happened, and how far it is from the outside world."""

from dataclasses import dataclass

# As long as the columns that keep it; an order's key may be longer.
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Cause:
    """`text` is kind and id ("scan", "order:4711", "journey:12", "api:3", "staff:1", "webhook:7",
    "import", "clock"); `depth` counts the journeys between the outside world and here: so deep that
    `settings.DEEPEST_CAUSE` is reached, events start no more of them."""

    text: str
    depth: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.text[:LONGEST])


CLOCK = Cause("clock")
