"""Measures work that somebody else does: how fast it goes, and what it costs."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.machine import Moment

LOOKS_EVERY = 0.02  # seconds
COUNTS_FROM = 0.1  # of the work: what is before is warming up
PATIENCE = 120.0  # seconds without any progress


class StandsStillError(Exception):
    """What was measured made no progress for two minutes, or has ended too soon."""


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement: a rate (or another figure), CPU-ms per unit, the share others had."""

    value: float
    app_ms: float = 0.0
    server_ms: float = 0.0
    others: float = 0.0

    @property
    def cpu_ms(self) -> float:
        return self.app_ms + self.server_ms


@dataclass(slots=True)
class Row:
    """One line of the table. `steps` is how many steps one unit of `unit` has, if it has any."""

    part: str
    key: str
    what: str
    unit: str
    runs: list[Run] = field(default_factory=list)
    steps: int = 0
    note: str = ""

    @property
    def median(self) -> float:
        return median(run.value for run in self.runs) if self.runs else 0.0

    @property
    def cpu_ms(self) -> float:
        return median(run.cpu_ms for run in self.runs) if self.runs else 0.0

    @property
    def steps_per_second(self) -> float:
        return self.median * self.steps

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Row":
        return cls(**data | {"runs": [Run(**run) for run in data["runs"]]})


@dataclass(frozen=True, slots=True)
class Tally:
    """A file to which whoever works appends one byte for each unit done."""

    path: Path

    def __call__(self) -> int:
        return self.path.stat().st_size


@contextmanager
def tally() -> Iterator[Tally]:
    """In shared memory where there is some."""
    memory = Path("/dev/shm")  # noqa: S108 (a folder of our own is made in it)
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        file = Path(folder) / "tally"
        file.touch()
        yield Tally(file)


def measure(
    done: Callable[[], int],
    total: int,
    *,
    app: list[int],
    server: int,
    is_over: Callable[[], bool] = lambda: True,
    is_dead: Callable[[], bool] = lambda: False,
) -> Run:
    """Look until `total` units are done and all is over; rate from a tenth of the work on."""
    begun: tuple[int, Moment] | None = None
    last, moved_at = -1, time.monotonic()
    while True:
        n = done()
        if begun is None and n >= COUNTS_FROM * total:
            begun = n, Moment.now(app, server)
        if n >= total and is_over():
            break
        if time.monotonic() - moved_at > PATIENCE or (n == last and n < total and is_dead()):
            raise StandsStillError(f"{n} of {total}")
        if n != last:
            last, moved_at = n, time.monotonic()
        time.sleep(LOOKS_EVERY)
    assert begun is not None
    return between(begun[1], Moment.now(app, server), n - begun[0])


def between(before: Moment, after: Moment, units: int) -> Run:
    return Run(
        value=units / (after.clock - before.clock),
        app_ms=1000 * (after.app - before.app) / max(1, units),
        server_ms=1000 * (after.server - before.server) / max(1, units),
        others=after.others_since(before),
    )


def beat(path: str, units: int = 1) -> None:
    """From whoever works: that many more are done."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND)
    os.write(file, b"." * units)
    os.close(file)
