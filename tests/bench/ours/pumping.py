"""The pump in a loop, as a worker runs it, until nothing is due."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection

from automations.engine import pump
from config.cluster import spare_the_collector
from loyalty import bulk, clock

TURN = 0.5  # seconds at one shard
NAP = 0.003


def until_idle(turn: int, now: str = "") -> int:
    """From shard to shard, beginning at the `turn`-th half of those that are due; `now` pretends
    that moment. Says how many rows were handled."""
    return _until_idle(turn, _moment(now))


def counted(now: str = "") -> dict[str, int]:
    """The same, all statements counted; and apart from it those of one batch of the first shard."""
    moment = _moment(now)
    shard = pump.due(moment or clock.now())[0]
    rows, of_batch = _counting(lambda: pump.pump(shard, now=moment, budget=0.0))
    _rest, of_rest = _counting(lambda: _until_idle(0, moment))
    return {"rows": rows, "batch": of_batch, "all": of_batch + of_rest}


def _counting(work: Callable[[], int]) -> tuple[int, int]:
    """What it returned, and how many statements it took, COPY included."""
    seen, copied = 0, bulk.copies

    def count(execute: Callable[..., Any], *rest: Any) -> Any:
        nonlocal seen
        seen += 1
        return execute(*rest)

    with connection.execute_wrapper(count):
        handled = work()
    return handled, seen + bulk.copies - copied


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _until_idle(turn: int, moment: datetime | None) -> int:
    spare_the_collector()  # as a worker does
    handled = 0
    while shards := pump.due(moment or clock.now()):
        first = turn * len(shards) // 2
        done = sum(
            pump.pump(shard, now=moment, budget=TURN) for shard in shards[first:] + shards[:first]
        )
        if not done:
            time.sleep(NAP)  # another process has the last shards in hand
        handled += done
    return handled
