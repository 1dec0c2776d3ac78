"""One shop on one database: its crowd, its hands, and the questions asked while they work."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Protocol

import psycopg

from tests.bench import houses
from tests.bench.databases import Server
from tests.bench.houses import Hand
from tests.bench.ours.names import people
from tests.house import House

# Events of laps are said to have come so long ago, so that their waits of three days are over.
AGO = timedelta(days=10)
_seeds = count(1)


class Reader(Protocol):
    def execute(self, query: str) -> Any: ...


@dataclass(slots=True)
class Site:
    house: House
    reader: Reader
    server: int  # its postmaster; 0 on SQLite
    people: int
    waiting: int
    hands: list[Hand] = field(default_factory=list)

    def number(self, query: str) -> int:
        """The answer to a question that has one number."""
        return int(self.reader.execute(query).fetchone()[0])

    def draw_people(self, n: int) -> list[str]:
        return people(self.people, self.waiting, n, next(_seeds))

    @property
    def clerk(self) -> Hand:
        return self.hands[0]

    def forget_letters(self) -> None:
        """Those of the last lap, which nobody is to send."""
        self.clerk.ask("shop.forget_letters")


def long_ago() -> str:
    return (datetime.now(UTC) - AGO).isoformat()


@contextmanager
def on_postgresql(server: Server, name: str, people: int, waiting: int) -> Iterator[Site]:
    url = server.create(name, "bench_empty")
    house = houses.open_house(url)
    with (
        psycopg.connect(url, autocommit=True) as reader,
        _staffed(house, reader, server.process(), people, waiting) as site,
    ):
        reader.execute("VACUUM ANALYZE")  # or autovacuum does it beside the first laps
        server.settle()
        yield site
    server.drop(name)


@contextmanager
def on_sqlite(file: str, people: int, waiting: int) -> Iterator[Site]:
    house = houses.open_house(f"sqlite:///{file}")
    house.manage("migrate", "--verbosity=0")
    with (
        closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as reader,
        _staffed(house, reader, 0, people, waiting) as site,
    ):
        yield site


@contextmanager
def _staffed(
    house: House, reader: Reader, server: int, people: int, waiting: int
) -> Iterator[Site]:
    site = Site(house, reader, server, people, waiting)
    try:
        site.hands.append(Hand.hire(house))
        site.clerk.ask("crowd.gather", people=people, waiting=waiting)
        site.hands.append(Hand.hire(house))
        yield site
    finally:
        house.stop()
        for hand in site.hands:
            hand.dismiss()


def prepare_empty(server: Server) -> None:
    """A migrated database, from which the others are copied."""
    house = houses.open_house(server.create("bench_empty"))
    house.manage("migrate", "--verbosity=0")


@contextmanager
def working(site: Site, settings_module: str) -> Iterator[int]:
    """A real `runworker` for the site; its process."""
    house = houses.open_house(site.house.database_url, settings_module)
    worker = house.start("runworker")
    try:
        yield worker.pid
    finally:
        house.stop()
