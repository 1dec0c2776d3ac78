"""What a step wants next; the walk answers each with `match`."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Done:
    """It did what it should; go on (into `branch` where the step is a fork)."""

    note: str = ""
    branch: str = ""
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do for this customer; `note` says why in words for the shop owner. Go on."""

    note: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Stay here until that instant (aware, UTC; None: for ever); then `wake` is asked.

    `awaits` names an event that may end it sooner: then `happened` is asked."""

    until: datetime | None
    note: str = ""
    awaits: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now: run this step again at that instant. Counts as an attempt, not as a move."""

    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Handed:
    """It is for somebody else, whose pump does it; go on."""

    note: str


@dataclass(frozen=True, slots=True)
class Jump:
    """Go on at the step with that key. The engine stops who jumps too often."""

    to: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fork:
    """Walk these branches at the same time, each as a journey of its own; go on (`wake` is asked)
    when all of them have ended."""

    branches: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """The journey ends here; `finished` where that was meant (Exit), else stopped with the note."""

    note: str = ""
    finished: bool = False
    result: dict[str, Any] = field(default_factory=dict)


Outcome = Done | Skip | Handed | Wait | Retry | Jump | Fork | Stop

DONE = Done()
