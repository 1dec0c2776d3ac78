"""Events from outside, by the thousand and one by one."""

from datetime import datetime
from multiprocessing import get_context

from django.db import connections

from loyalty import clock
from tests.bench.meter import beat
from tests.bench.ours import shop

AT_ONCE = 1_000  # the most the API takes in one call


def by_the_thousand(event: str, names: list[str], tally: str, now: str = "") -> None:
    """`now` pretends that the events came then."""
    moment = datetime.fromisoformat(now) if now else None
    for first in range(0, len(names), AT_ONCE):
        part = names[first : first + AT_ONCE]
        shop.accept(event, part, f"{event}-", moment or clock.now())
        beat(tally, len(part))


def one_by_one(event: str, names: list[str], tally: str, connections_used: int) -> None:
    """A call and a commit for each, from that many processes at once."""
    connections.close_all()
    processes = [
        get_context("fork").Process(
            target=_one_by_one, args=(event, names[number::connections_used], tally)
        )
        for number in range(connections_used)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def _one_by_one(event: str, names: list[str], tally: str) -> None:
    for name in names:
        shop.accept(event, [name], f"{event}-", clock.now())
        beat(tally)
