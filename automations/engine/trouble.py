"""What went wrong in a batch, so that the batch can be walked again around it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _


class Row(NamedTuple):
    """What a batch handles one by one: an event at a thread of an automation, or a journey."""

    kind: str
    pk: int
    automation_id: int = 0
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """What came of an earlier try: the step run number `moves` raised; −1: not even what comes
    before any move could be done. A final one is not tried again."""

    moves: int
    reason: str
    is_final: bool = False


class Culprit(Exception):
    """Who of the batch raised, before or between its moves (−1) or at its move number `moves`."""

    def __init__(self, row: Row, error: Exception, moves: int = -1) -> None:
        super().__init__(f"{row}, move {moves}: {error!r}")
        self.row = row
        reason = _("Something went wrong here: %s") % type(error).__name__
        self.failure = Failure(moves, reason)


class StepFailed(Culprit):
    """A step raised for one journey."""

    def __init__(self, row: Row, moves: int, error: Exception) -> None:
        super().__init__(row, error, moves)


class GroupFailed(Exception):
    """A step raised when it was asked for many; nobody knows yet for whom."""

    def __init__(self, step: tuple[int, str], error: Exception) -> None:
        super().__init__(f"{step}: {error!r}")
        self.step = step


# A deadlock, a lock that was not given, a statement that took too long, a server that goes away:
# whoever asked then is no culprit.
PASSING = {"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03"}
# Classes of states: the connection is lost; no memory, no disk, too many connections.
PASSING_CLASSES = ("08", "53")


def raise_if_passing(failed: Exception) -> None:
    """Raise what the database itself had trouble with; the batch is undone, and is due again."""
    error = failed.__cause__
    if isinstance(error, InterfaceError):
        raise error
    if isinstance(error, OperationalError):
        said = error.__cause__
        state = getattr(said, "sqlstate", None)
        is_passing = state in PASSING or (state or "").startswith(PASSING_CLASSES)
        busy = getattr(said, "sqlite_errorname", "SQLITE_BUSY").startswith("SQLITE_BUSY")
        if is_passing or (state is None and busy):
            raise error


class Busy(Exception):
    """Somebody else holds a row that this batch needs; nothing was done, try again soon."""


@dataclass
class Trouble:
    """What one batch met with: its culprits, known better from try to try, and the clock.

    `parked` are set aside, `singly` are the steps (version, key) asked one journey at a time;
    `tripped` are automations whose fuse it blew.
    """

    parked: dict[Row, Failure] = field(default_factory=dict)
    singly: set[tuple[int, str]] = field(default_factory=set)
    tripped: set[int] = field(default_factory=set)
    accused: list[Row] | None = None
    ran_out_of_time: bool = False

    def park(self, row: Row, failure: Failure) -> None:
        """Set it aside. Who fails though it was set aside is set aside from further back, at last
        before any move; who fails even then is a bug, and raised."""
        before = self.parked.get(row)
        if before is not None and before.moves <= failure.moves:
            if before.moves < 0:
                raise RuntimeError(f"{row} fails even when it is set aside: {failure.reason}")
            failure = Failure(-1, failure.reason)
        self.parked[row] = failure

    def is_out(self, row: Row) -> bool:
        """Set aside before any move: not even what it needs is loaded, that may be what fails."""
        return row in self.parked and self.parked[row].moves < 0

    def accuse(self, rows: Sequence[Row], reason: str) -> None:
        """One of these wants what cannot be written: set one after the other aside, each alone, and
        when that was none of them, all."""
        failure = Failure(-1, reason)
        if self.accused is None:
            self.accused = list(rows)
        elif self.accused:
            self.parked.pop(self.accused.pop(0), None)
        if self.accused:
            self.parked[self.accused[0]] = failure
            return
        for row in rows:
            self.park(row, failure)
