"""Who descends from a process, and what each is there for."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cluster:
    main: int
    guard: int
    monitor: int
    pusher: int

    @property
    def workers(self) -> list[int]:
        """Those that live now: who was killed is replaced."""
        return [one for one in children(self.guard) if one not in {self.monitor, self.pusher}]

    @property
    def everybody(self) -> list[int]:
        return [self.main, self.guard, *children(self.guard)]


def cluster_of(runworker: int) -> Cluster:
    """Its main cluster, as soon as that is complete (and before anybody in it was replaced)."""
    wait_until(lambda: bool(_complete(runworker)), "a cluster is complete", within=90)
    return _complete(runworker)[0]


def _complete(runworker: int) -> list[Cluster]:
    for main in children(runworker)[:1]:
        for guard in children(main):
            match children(guard):  # in the order in which django-q2 forks them
                case [_, _, monitor, pusher]:
                    return [Cluster(main, guard, monitor, pusher)]
    return []


def children(process: int) -> list[int]:
    """Oldest first; the dead that nobody has buried are not counted."""
    return sorted(child for child in _listed(process) if state(child) not in {"", "Z"})


def unburied(process: int) -> list[int]:
    """Its children that are dead, which it has not asked for."""
    return [child for child in _listed(process) if state(child) == "Z"]


def _listed(process: int) -> list[int]:
    try:
        listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in listed.split()]


def descendants(process: int) -> list[int]:
    return [one for child in children(process) for one in (child, *descendants(child))]


def state(process: int) -> str:
    """A letter as in ps (R, S, T, Z …); empty when there is no such process."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def kill(process: int) -> None:
    os.kill(process, signal.SIGKILL)


def wait_until(is_so: Callable[[], bool], what: str, *, within: float = 30.0) -> float:
    """Seconds until it was so; fails after `within`."""
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() - started < within, f"not within {within} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - started
