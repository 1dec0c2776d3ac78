"""What processes use of the machine, read from /proc (Linux)."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from tests.processes import family

TICKS = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count() or 1


def cpu_seconds(*roots: int) -> float:
    """Of these processes and all that descend from them, the dead they have buried included."""
    return sum(_of(pid) for root in roots for pid in (root, *family.descendants(root)))


def _of(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    # utime, stime, and the same of children that were waited for
    return sum(map(int, stat.rpartition(")")[2].split()[11:15])) / TICKS


def _busy_seconds() -> float:
    """Of all cores together, whoever used them."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / TICKS


@dataclass(frozen=True, slots=True)
class Moment:
    """Seconds used until now: by the clock, by the programs measured, by the database, by all."""

    clock: float
    app: float
    server: float
    bench: float
    machine: float

    @classmethod
    def now(cls, app: list[int], server: int) -> "Moment":
        # Our own time without our children's: those that are measured are in `app`.
        own = os.times()
        return cls(
            time.monotonic(),
            cpu_seconds(*app),
            cpu_seconds(server),
            own.user + own.system,
            _busy_seconds(),
        )

    def others_since(self, before: "Moment") -> float:
        """The share of the machine that neither the measured nor we have used since then."""
        ours = sum(
            getattr(self, name) - getattr(before, name) for name in ("app", "server", "bench")
        )
        everybody = self.machine - before.machine
        share: float = max(0.0, everybody - ours) / (CORES * (self.clock - before.clock))
        return share


def memory(pid: int) -> tuple[float, float]:
    """RSS and PSS of one process in MB; zeros when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    sizes = dict(line.split(":", 1) for line in lines[1:])
    return tuple(int(sizes[name].split()[0]) / 1024 for name in ("Rss", "Pss"))  # type: ignore[return-value]
