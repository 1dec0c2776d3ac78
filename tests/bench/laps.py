"""Laps: some thousand customers enter a chain of two rounds (condition, accrue, email, wait for
three days); first their events are handled, then their waits are over and they are woken."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from tests.bench import houses
from tests.bench.houses import Hand
from tests.bench.meter import Row, Run, measure, tally
from tests.bench.site import Site, long_ago, working

STEPS = 4
_laps = count(1)


@dataclass(frozen=True, slots=True)
class Driver:
    """Who moves the journeys: that many processes that pump in a loop, or (0) a `runworker`."""

    key: str
    what: str
    pumps: int = 0
    settings: str = houses.WITHOUT_LETTERS


ONE = Driver("pump1", "1 pump process", 1)
TWO = Driver("pump2", "2 pump processes", 2)
WORKER = Driver("worker", "`runworker`, 2 workers")
SENDING = Driver(
    "sending", "`runworker`, which sends the letters meanwhile", settings="config.settings"
)


@dataclass(slots=True)
class Lap:
    site: Site
    n: int
    name: str = field(default_factory=lambda: f"lap-{next(_laps)}")
    automation: int = 0

    def begin(self, *, now: str) -> Run:
        """Draw the automation and take in the events; how fast they came in."""
        self.automation = self.site.clerk.ask("shop.draw", slug=self.name)
        with tally() as taken:
            self.site.clerk.begin(
                "intake.by_the_thousand",
                event=self.name,
                names=self.site.draw_people(self.n),
                tally=str(taken.path),
                now=now,
            )
            run = self._measured(taken, [self.site.clerk])
        self.site.clerk.answer()
        return run

    def pumped(self, driver: Driver, wait: str, *, now: str = "") -> Run:
        """Until all of them stand at that wait, and nothing is due."""
        hands = self.site.hands[: driver.pumps]
        for turn, hand in enumerate(hands):
            hand.begin("pumping.until_idle", turn=turn, now=now)
        run = self._measured(self._standing_at(wait), hands)
        for hand in hands:
            hand.answer()
        return run

    def worked(self, worker: int, wait: str) -> Run:
        return measure(
            self._standing_at(wait),
            self.n,
            app=[worker],
            server=self.site.server,
            is_over=self._nothing_to_enter,
        )

    def end(self) -> None:
        self.site.clerk.ask("shop.close", automation=self.automation)
        self.site.forget_letters()

    def _measured(self, done: Callable[[], int], hands: list[Hand]) -> Run:
        return measure(
            done,
            self.n,
            app=[hand.pid for hand in hands],
            server=self.site.server,
            is_over=lambda: all(hand.has_answered() for hand in hands),
            is_dead=lambda: any(hand.is_gone() for hand in hands),
        )

    def _standing_at(self, wait: str) -> Callable[[], int]:
        """Counters commit with what they count, in a table of some hundred rows."""
        question = (
            "SELECT COALESCE(SUM(n), 0) FROM automations_counter WHERE metric = 'waiting' "
            f"AND automation_id = {self.automation} AND step_key = '{wait}'"
        )
        return lambda: self.site.number(question)

    def _nothing_to_enter(self) -> bool:
        """The ledger's own events are looked at as well before a lap is over."""
        waiting = "SELECT 1 FROM loyalty_event WHERE entered_at IS NULL ORDER BY shard, id LIMIT 1"
        return not self.site.number(f"SELECT COUNT(*) FROM ({waiting}) AS found")


@dataclass(slots=True)
class Book:
    """The rows of all laps of one site."""

    site: Site
    part: str
    words: str = ""
    rows: dict[str, Row] = field(default_factory=dict)

    def write(self, driver: Driver, kind: str, run: Run) -> None:
        key = f"{self.part} {kind} {driver.key} {self.site.waiting}"
        what = f"{self.words}{WORDS[kind]}, {driver.what}; {self.site.waiting:,} others waiting"
        row = self.rows.setdefault(key, Row(self.part, key, what, UNITS[kind], steps=STEPS))
        row.runs.append(run)


WORDS = {"events": "Events → journeys → 4 steps", "wakes": "Waits over → 4 steps"}
UNITS = {"events": "events/s", "wakes": "wakes/s"}


def drive(book: Book, driver: Driver, n: int, taken: Row) -> None:
    """One lap; adds what was measured to the book, and its intake to `taken`."""
    lap = Lap(book.site, n)

    def take(run: Run) -> None:
        if run.value:  # a lap that fits into one call says nothing of how fast they come
            taken.runs.append(run)

    if driver.pumps:
        then = long_ago()
        take(lap.begin(now=then))
        book.write(driver, "events", lap.pumped(driver, "wait-1", now=then))
        book.write(driver, "wakes", lap.pumped(driver, "wait-2"))
    else:
        take(lap.begin(now=""))
        with working(book.site, driver.settings) as worker:
            book.write(driver, "events", lap.worked(worker, "wait-1"))
            book.site.clerk.ask("shop.make_due", automation=lap.automation, days=3)
            book.write(driver, "wakes", lap.worked(worker, "wait-2"))
    lap.end()
