"""Trials in which nobody dies, but the answer to a COMMIT never comes: done, and nobody knows.

Whoever asked sees a lost connection and tries again, as the world and the bell do.
"""

import contextlib
import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.proof import carriers, children, script
from tests.proof.points import points
from tests.proof.proxy import Proxy
from tests.proof.trials import Came, Theatre

MOST = 3  # answers lost in one trial
TRIES = 10


def silence(theatre: Theatre, proxy: Proxy, seed: int) -> Came:
    """One trial: up to three answers are lost, the first in a random act."""
    chance = random.Random(seed)
    commits = _commits(theatre)
    act = chance.choices(range(len(commits)), weights=commits)[0]
    most = chance.randint(1, MOST)
    return lose(theatre, proxy, act, {chance.randint(1, commits[act] + 2) for _ in range(most)})


def every(theatre: Theatre) -> Iterator[tuple[int, set[int]]]:
    """Each COMMIT of each act, alone and with the one after it, which is often the second try."""
    for act, commits in enumerate(_commits(theatre)):
        for number in range(1, commits + 1):
            yield act, {number}
            yield act, {number, number + 1}


def lose(theatre: Theatre, proxy: Proxy, act: int, numbers: set[int]) -> Came:
    """One trial from that act on: the answers to its COMMITs of those numbers, counted from 1, are
    lost. `deaths` are those that were."""
    points.begin(act, 0)
    theatre.stage.restore(act)
    carriers.mailbag().write_text(theatre.mail[act])
    before = proxy.dropped
    ended = children.do(lambda: _play(theatre, proxy, act, numbers))
    came = Came(deaths=[f"{script.ACTS[act].name}: COMMIT {sorted(numbers)}"])
    came.deaths *= proxy.dropped - before
    came.faults = [ended.fault or "killed"] if ended.answer is None else ended.answer["faults"]
    if ended.answer is not None:
        came.doubted, came.repeated = ended.answer["doubted"], ended.answer["repeated"]
    return came


def _commits(theatre: Theatre) -> list[int]:
    """How many there are on the way through each act."""
    return [sum(label == "before COMMIT" for label in act) for act in theatre.passed]


def _play(theatre: Theatre, proxy: Proxy, first: int, numbers: set[int]) -> dict[str, Any]:
    with _losing(proxy, numbers):
        for act in range(first, len(script.ACTS)):
            _until_it_is_done(partial(script.play, [act]))
    return theatre.judge(len(script.ACTS))


@contextlib.contextmanager
def _losing(proxy: Proxy, numbers: set[int]) -> Iterator[None]:
    """Inside, the answers to COMMITs of those numbers are lost. Who judges afterwards, and commits
    as well, asks the server itself."""
    settings = connections["default"].settings_dict
    settings["PORT"] = proxy.port
    wrapper: Any = BaseDatabaseWrapper
    commit, passed = wrapper._commit, 0

    def counted(database: BaseDatabaseWrapper) -> Any:
        nonlocal passed
        passed += 1
        if passed in numbers:
            proxy.hold_back()
        return commit(database)

    wrapper._commit = counted
    yield
    wrapper._commit = commit
    connections.close_all()
    settings["PORT"] = proxy.server[1]


def _until_it_is_done(play: Callable[[], Any]) -> None:
    """What failed on a lost connection is logged by a worker, and asked for again."""
    for _try in range(TRIES):
        try:
            play()
        except Error:
            connections.close_all()
        else:
            return
    raise AssertionError(f"not done after {TRIES} tries")
