"""The process group that does the background work: started, watched, started again, stopped."""

import contextlib
import logging
import os
import signal
import time

from django.conf import settings
from django.db import connections

from config import cluster, health, in_flight
from config.bell import clusters
from config.watchdog import Watchdog
from loyalty import clock

STOPS_WITHIN: float = settings.WORKER_STOPS_WITHIN
LOOKS_EVERY = 0.2  # seconds
WATCHES_EVERY = 1.0
# A group that cannot start (an error, not a kill) is tried again after pauses that double.
YOUNG = 10.0
LONGEST_PAUSE = 30.0

logger = logging.getLogger("runworker")


class Group:
    """All clusters, in one process group: what one of them suffers from is cured by a new group.

    Nothing is lost with it: what it was doing is rolled back and still due.
    """

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.leader = 0
        self.running: dict[str, int] = {}
        self.ended: dict[str, int] = {}  # exit codes, of the killed the negative signal
        for name in clusters():
            try:
                self.running[name] = cluster.start(name, self.leader)
            except OSError as problem:
                logger.error("%s: %s", name, problem)
                self.ended[name] = 1
            else:
                self.leader = self.leader or self.running[name]

    def dead(self) -> list[str]:
        self._bury(os.WNOHANG)
        return list(self.ended)

    def failed(self) -> bool:
        """Whether one of them ended with an error of its own; killed ones have not."""
        return any(code > 0 for code in self.ended.values())

    def stop(self) -> bool:
        """Let it end what it is doing; False if it had to be killed."""
        for process in self.running.values():
            os.kill(process, signal.SIGTERM)
        deadline = time.monotonic() + STOPS_WITHIN
        while self.running:
            if time.monotonic() > deadline:
                self.kill()
                return False
            time.sleep(LOOKS_EVERY / 4)
            self.dead()
        return True

    def kill(self) -> None:
        if self.leader:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.leader, signal.SIGKILL)
        self._bury()

    def _bury(self, option: int = 0) -> None:
        """All of them, or with WNOHANG those that have ended; and whoever else was left to us, as
        everybody is to a container's first process."""
        while self.running:
            process, status = os.waitpid(-1, option)
            if not process:
                return
            for name in [name for name, its in self.running.items() if its == process]:
                del self.running[name]
                self.ended[name] = os.waitstatus_to_exitcode(status)


class Supervisor:
    def __init__(self) -> None:
        self.told_to_stop = False
        self.board = in_flight.board()
        self.watchdog = Watchdog(self.board)
        self.pause = 0.0

    def run(self) -> bool:
        """Until told to stop; whether the last group ended by itself."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # who ignores it is never told who ended
        cluster.spare_the_collector()
        group = self._start()
        while why := self._watch(group):
            logger.error("%s; starting again", why)
            group.kill()
            self._rest(group)
            group = self._start()
        logger.info("stopping")
        clean = group.stop()
        logger.info("stopped" if clean else "stopped; some of it had to be killed")
        return clean

    def _on_signal(self, *_: object) -> None:
        self.told_to_stop = True

    def _start(self) -> Group:
        self.board.clear()
        self.watchdog.watch_anew()
        group = Group()
        logger.info("working: %s (process group %s)", ", ".join(clusters()), group.leader)
        return group

    def _watch(self, group: Group) -> str:
        """Why the group must be replaced; empty when told to stop."""
        next_watch = time.monotonic() + WATCHES_EVERY
        while not self.told_to_stop:
            if dead := group.dead():
                return f"{', '.join(dead)} died"
            if time.monotonic() >= next_watch:
                next_watch = time.monotonic() + WATCHES_EVERY
                if why := self.watchdog.stalled(clock.now(), group.leader):
                    return why
            time.sleep(LOOKS_EVERY)
        return ""

    def _rest(self, group: Group) -> None:
        cannot_start = group.failed() and time.monotonic() - group.started < YOUNG
        if not cannot_start or self._waited_for_the_database():
            self.pause = 0.0
            return
        self.pause = min(max(1.0, 2 * self.pause), LONGEST_PAUSE)
        until = time.monotonic() + self.pause
        while not self.told_to_stop and time.monotonic() < until:
            time.sleep(LOOKS_EVERY)

    def _waited_for_the_database(self) -> bool:
        """Until it answers; whether that was necessary."""
        waited = False
        while not self.told_to_stop and health.trouble() == ["database"]:
            if not waited:
                logger.warning("The database does not answer; starting again when it does")
            waited = True
            connections.close_all()
            time.sleep(WATCHES_EVERY)
        return waited
