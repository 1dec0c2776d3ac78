"""How much is measured: a whole run of fifteen minutes, or a short one that shows it works."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Sizes:
    runs: int = 3
    waiting: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    lap: int = 16_000  # events of one run, and journeys woken
    short_lap: int = 8_000  # with one process, and on SQLite
    pairs: int = 9  # of laps with few and with many waiting
    sent_lap: int = 2_000  # where the letters are sent meanwhile
    singles: int = 1_500  # events taken in one by one, per connection
    sqlite_waiting: int = 100_000
    flood: int = 12_500  # journeys of the memory run
    rounds: int = 20  # of condition, accrue, email, wait for each of them
    waves: int = 60  # events, one after the other, to see how soon something follows
    herd: int = 50_000  # overdue journeys beside which cards are scanned
    scan_seconds: float = 15.0  # of scans while nobody is due
    seconds: float = 2.0  # of a raw measurement
    inserts: int = 3_000
    no_ops: int = 2_500  # django-q2
    workflows: int = 300  # DBOS
    jobs: int = 2_000  # procrastinate
    flows: int = 300  # viewflow


WHOLE = Sizes()
QUICK = replace(
    WHOLE,
    runs=1,
    waiting=(200, 5_000),
    lap=2_200,
    short_lap=2_200,
    pairs=1,
    sent_lap=400,
    singles=200,
    sqlite_waiting=2_000,
    flood=500,
    rounds=3,
    waves=8,
    herd=2_000,
    scan_seconds=2.0,
    seconds=0.5,
    inserts=500,
    no_ops=400,
    workflows=60,
    jobs=200,
    flows=60,
)
