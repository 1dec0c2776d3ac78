"""What becomes of people inside an older version when a new one is published."""

from dataclasses import dataclass
from enum import StrEnum

# In the place of a step's key: whoever stands at a step for which nothing else is said.
EVERYBODY = "all"


class Way(StrEnum):
    """`FINISH`: walk on in the version they are in. `MOVE`: go on in the new one, where what is
    left of their wait is kept. `RESTART`: begin their step anew there. `SKIP_TO`: go on there at
    another step. `EXIT`: leave."""

    FINISH = "finish"
    MOVE = "move"
    RESTART = "restart"
    SKIP_TO = "skip_to"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class Choice:
    way: Way
    to: str = ""  # the key of the step, for SKIP_TO

    def __str__(self) -> str:
        return f"{self.way}:{self.to}" if self.to else str(self.way)


FINISH = Choice(Way.FINISH)


def read(text: str) -> Choice | None:
    """`move`, `skip_to:a1`; None for what is none of them."""
    way, _colon, to = text.partition(":")
    if way not in list(Way) or bool(to) != (way == Way.SKIP_TO):
        return None
    return Choice(Way(way), to)
