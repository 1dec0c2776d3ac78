"""The pump in a loop, as a worker runs it, until nothing is due."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection

from automations.engine import pump
from loyalty import bulk, clock

TURN = 0.5  # seconds at one shard
NAP = 0.003


def until_idle(turn: int, now: str = "", counts: bool = False) -> dict[str, int]:
    """From shard to shard, beginning at the `turn`-th that is due; `now` pretends that moment."""
    moment = datetime.fromisoformat(now) if now else None
    if not counts:
        return {"handled": _until_idle(turn, moment)}
    seen, copied = 0, bulk.copies

    def count(execute: Callable[..., Any], *rest: Any) -> Any:
        nonlocal seen
        seen += 1
        return execute(*rest)

    with connection.execute_wrapper(count):
        handled = _until_idle(turn, moment)
    return {"handled": handled, "statements": seen + bulk.copies - copied}


def _until_idle(turn: int, moment: datetime | None) -> int:
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
