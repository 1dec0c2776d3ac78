"""Hours in which customers come all the time, and somebody kills all the time."""

import argparse
import os
import random
import signal
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.db import Error, connection, connections

from automations.engine import pump
from loyalty import clock
from loyalty.ledger.audit import broken
from messaging import dispatch
from tests.house import House
from tests.processes.killer import Killer
from tests.proof import crowd

LONGEST_STALL = 30.0  # seconds; the promise
ENDS_WITHIN = 600.0
LOOKS_EVERY = 0.1
WAYS = ("group", "leaf", "leaf", "child", "child", "runworker")
KILLS_EVERY = (1.0, 4.0)  # seconds, from and to
RESTARTS_EVERY = (4.0, 16.0)

OURS = "automation_id = (SELECT id FROM automations_automation WHERE slug = 'soak')"
JOURNEY = f"(SELECT id FROM automations_journey WHERE {OURS})"  # noqa: S608 (nothing from outside)
# How often each effect happened, and for how many journeys.
EFFECTS = {
    "journeys": f"""SELECT count(*), count(DISTINCT event_id) FROM automations_journey
        WHERE {OURS} AND state = 'finished'""",  # noqa: S608
    "accruals": """SELECT count(*), count(DISTINCT actor) FROM loyalty_operation
        WHERE kind = 'accrue'""",
    "letters": """SELECT count(*), count(DISTINCT cause) FROM messaging_message
        WHERE state = 'sent'""",
    "history": f"""SELECT count(*), count(DISTINCT journey_id) FROM automations_steprun
        WHERE step_key = 'points' AND outcome = 'done' AND journey_id IN {JOURNEY}""",  # noqa: S608
}
POINTS = "SELECT sum(balance), sum(balance) FROM loyalty_account"


@dataclass
class Outcome:
    """Seconds; `faults` are what the ledger's audit says, `kills_in_it` how often the worker was
    killed in the longest stall. `first_effect` is the median from the kill of the group or of
    runworker to the first thing committed after it."""

    database: str
    seed: int
    seconds: float = 0.0
    kills: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))
    restarts: int = 0
    journeys: int = 0
    lost: dict[str, int] = field(default_factory=dict)
    doubled: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    longest_stall: float = 0.0
    kills_in_it: int = 0
    first_effect: float = 0.0

    @property
    def is_good(self) -> bool:
        wrong = sum(self.lost.values()) + sum(self.doubled.values()) + len(self.faults)
        return not wrong and self.longest_stall <= LONGEST_STALL


@dataclass
class Look:
    """Watches from outside what is committed, and for how long nothing is though something is due.
    While the database does not answer, something is."""

    moved_at: float = field(default_factory=time.monotonic)
    killed_at: float = 0.0
    kills: int = 0
    longest: tuple[float, int] = (0.0, 0)
    first_effects: list[float] = field(default_factory=list)
    last: tuple[object, ...] = ()

    def take(self) -> None:
        moment = time.monotonic()
        try:
            seen: tuple[object, ...] = _ask("SELECT max(id), 0 FROM automations_steprun")
            seen += (_ask("SELECT max(sent_at), count(*) FROM messaging_message"),)
            is_due = bool(pump.due(clock.now()) or dispatch.due(clock.now()))
        except Error:
            connections.close_all()
            seen, is_due = self.last, True
        if seen != self.last and self.killed_at:
            self.first_effects.append(moment - self.killed_at)
            self.killed_at = 0.0
        if seen != self.last or not is_due:
            self.moved_at, self.kills = moment, 0
        self.last = seen
        self.longest = max(self.longest, (moment - self.moved_at, self.kills))

    def note_kill(self, *, of_all: bool) -> None:
        """Somebody was killed just now; what was committed until then is no effect after it."""
        self.take()
        self.kills += 1
        if of_all and not self.killed_at:
            self.killed_at = time.monotonic()


@dataclass
class Hours:
    asked: argparse.Namespace
    house: House
    killer: Killer
    chance: random.Random
    outcome: Outcome
    look: Look = field(default_factory=Look)
    begun: int = 0
    next_kill: float = 0.0
    next_restart: float = 0.0

    def pass_by(self) -> Outcome:
        began = time.monotonic()
        self.next_kill = began + self.chance.uniform(*KILLS_EVERY)
        self.next_restart = began + self.chance.uniform(*RESTARTS_EVERY)
        while not self._is_over(began):
            self._begin(int((time.monotonic() - began) * self.asked.a_second))
            self._harm()
            self.look.take()
            time.sleep(LOOKS_EVERY)
        self._wait_for_the_rest()
        self.outcome.seconds = round(time.monotonic() - began, 1)
        return self._count()

    def _is_over(self, began: float) -> bool:
        enough = sum(self.outcome.kills.values()) >= self.asked.kills
        return bool(enough and time.monotonic() - began > self.asked.minutes * 60)

    def _begin(self, upto: int) -> None:
        """What others tell us of: who gets no answer tells it again under the same keys."""
        if upto > self.begun:
            try:
                crowd.begin(range(self.begun, upto), self.outcome.seed)
            except Error:
                connections.close_all()
            else:
                self.begun = upto

    def _harm(self) -> None:
        moment = time.monotonic()
        if self.asked.kills and moment > self.next_kill:
            way = self.chance.choice(WAYS)
            self.killer.strikes(way)
            self.outcome.kills[way] += 1
            self.next_kill = moment + self.chance.uniform(*KILLS_EVERY)
            self.look.note_kill(of_all=way in {"group", "runworker"})
        if self.asked.restarts and moment > self.next_restart:
            self.outcome.restarts += _restart()
            self.next_restart = moment + self.chance.uniform(*RESTARTS_EVERY)

    def _wait_for_the_rest(self) -> None:
        deadline = time.monotonic() + ENDS_WITHIN
        while time.monotonic() < deadline:
            self.look.take()
            time.sleep(LOOKS_EVERY)
            with_all = [count for count, _distinct in self._effects().values()]
            if min(with_all, default=0) >= self.begun:
                return

    def _effects(self) -> dict[str, tuple[int, int]]:
        try:
            return {name: _ask(question) for name, question in EFFECTS.items()}
        except Error:
            connections.close_all()
            return {}

    def _count(self) -> Outcome:
        out = self.outcome
        for name, (count, distinct) in self._effects().items():
            out.lost[name], out.doubled[name] = self.begun - distinct, count - distinct
        points, _points = _ask(POINTS)
        missing = self.begun * crowd.POINTS - int(points)
        out.lost["points"], out.doubled["points"] = max(0, missing), max(0, -missing)
        out.journeys = self.begun
        out.faults = broken(clock.now())
        longest, out.kills_in_it = self.look.longest
        out.longest_stall = round(longest, 2)
        if self.look.first_effects:
            out.first_effect = round(statistics.median(self.look.first_effects), 2)
        return out


def pass_by(house: House, asked: argparse.Namespace) -> Outcome:
    crowd.gather()
    chance = random.Random(asked.seed)
    outcome = Outcome(asked.database, asked.seed)
    return Hours(asked, house, Killer(house, chance), chance, outcome).pass_by()


def _ask(question: str) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        row: tuple[int, int] = cursor.fetchone()
        return row


def _restart() -> int:
    """As `pg_ctl restart -m immediate` does it; its keeper starts it again."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            folder = Path(cursor.fetchone()[0])
        os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    except (Error, OSError):
        connections.close_all()
        return 0
    return 1
