"""Sees that nothing works although something is due, from outside the clusters."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import Error, connection, connections

from config.bell import Bell, bells, clusters, what_is_due
from config.in_flight import Board

PATIENCE: float = settings.WORKER_PATIENCE
# A group in which nothing ended before it was killed may be slow and not stuck: starting takes long
# on a busy machine. The next one has twice the time, at most this many times the first one's.
MOST_PATIENCE = 16 * PATIENCE
# A letter takes as long as its carrier does, and killing the sender leaves it in doubt. A task that
# was begun is given its whole time (django-q2 ends it then) and a little more.
HANGS_AFTER = settings.Q_CLUSTER["timeout"] + 10.0

WAL_WRITE_LOCK = 120  # the byte of the -shm file that a writer locks (sqlite.org/walformat.html)


@dataclass
class Watch:
    """Over the bells of one name, whichever cluster answers them."""

    name: str
    bells: list[Bell]
    board: Board
    waits_for_carriers: bool
    since: float = field(default_factory=time.monotonic)
    patience: float = PATIENCE

    def looks(self, moment: float, is_due: bool) -> bool:
        """Whether something has been due for too long while nothing ended."""
        if not is_due or self._is_being_sent(moment):
            self.since = moment
        if ended := max(self.board.ended_at(bell.index) for bell in self.bells):
            self.since, self.patience = max(self.since, ended), PATIENCE
        return moment - self.since > self.patience

    def is_patient(self) -> None:
        """With the next group, more than with this one."""
        self.patience = min(2 * self.patience, MOST_PATIENCE)

    def _is_being_sent(self, moment: float) -> bool:
        return self.waits_for_carriers and any(
            moment - began < HANGS_AFTER and not is_stopped(process)
            for bell in self.bells
            for process, began in self.board.at_work(bell.index)
        )


class Watchdog:
    """`stalled` is to be asked every second or so; it asks the bells what is due. Told of each new
    group, it remembers of the last one whether anything ended."""

    def __init__(self, board: Board) -> None:
        main = clusters()[0]
        self.board = board
        self.watches = [
            Watch(name, [bell for bell in bells() if bell.cluster == name], board, name != main)
            for name in sorted({bell.cluster for bell in bells()})
        ]

    def watch_anew(self) -> None:
        """From now on over another group."""
        for watch in self.watches:
            watch.since = time.monotonic()

    def stalled(self, now: datetime, group: int) -> str:
        """Why the process group should be killed and started again; empty: all is well."""
        try:
            due = {watch.name: any_due(watch.bells, now) for watch in self.watches}
        except Error:
            connections.close_all()
            self.watch_anew()  # the clusters have said it
            return ""
        if any(due.values()) and is_somebody_elses(write_lock_holder(), group):
            self.watch_anew()
            return ""
        moment = time.monotonic()
        late = [watch for watch in self.watches if watch.looks(moment, due[watch.name])]
        said = [f"{watch.name} for {watch.patience:.0f} s" for watch in late]
        for watch in late:
            watch.is_patient()
        return f"due and nothing ends: {', '.join(said)}" if late else ""


def any_due(asked: Iterable[Bell], now: datetime) -> bool:
    return any(what_is_due(bell, now) for bell in asked)


def is_somebody_elses(holder: int, group: int) -> bool:
    """A backup or a migration may hold the write lock for long; our own processes may not."""
    if not holder:
        return False
    try:
        return os.getpgid(holder) != group
    except ProcessLookupError:
        return False


def write_lock_holder() -> int:
    """The process that is writing to SQLite now; 0 if none is, or on PostgreSQL.

    Read from the kernel's list. Trying the lock, or only opening and closing the file, would drop
    the locks this process has there.
    """
    if connection.vendor != "sqlite":
        return 0
    try:
        shared = Path(f"{connection.settings_dict['NAME']}-shm").stat().st_ino
        locks = Path("/proc/locks").read_text()
    except OSError:
        return 0
    for line in locks.splitlines():
        # 7: POSIX ADVISORY WRITE 4711 fd:01:131077 120 120 (and "->" for those who wait for it)
        match line.split():
            case [_, "POSIX", _, "WRITE", process, file, first, last]:
                inode = int(file.rsplit(":", 1)[1])
                if inode == shared and int(first) <= WAL_WRITE_LOCK <= _number(last):
                    return int(process)
    return 0


def _number(last: str) -> int:
    return 2**63 if last == "EOF" else int(last)


def is_stopped(process: int) -> bool:
    """Whether the kernel keeps it from running (SIGSTOP)."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] in {"T", "t"}
