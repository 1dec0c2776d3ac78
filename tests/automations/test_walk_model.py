"""The walk against a tiny model of its own: whatever chain is drawn, both go the same way.

The model knows nothing of rows, batches or plans: a chain is a list of dicts, a journey a generator
that pauses where it waits, and every rule is written down a second time, in the plainest way.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from automations.engine import plans
from automations.models import Journey
from automations.problems import Invalid
from loyalty.ledger.audit import broken
from loyalty.models import Account, Card, Customer
from tests.automations.chains import history, run, wave, working

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]

Step = dict[str, Any]
Log = list[tuple[str, str]]
Jumps = Counter[str]
HOUR = timedelta(hours=1)


# --- The model ------------------------------------------------------------------------------------


class Left(Exception):
    """The journey met an exit."""


class Jumped(Exception):
    """The journey goes on at the step of the root lane with that key."""


class Shop:
    """One customer with one points card, and who of theirs is inside."""

    def __init__(self, chain: list[Step]) -> None:
        self.chain = chain
        self.points = 0
        self.tags: list[str] = []
        self.logs: list[Log] = []
        self.inside: tuple[Iterator[timedelta], datetime] | None = None

    def wave(self, now: datetime) -> None:
        """Who is inside stays out."""
        if self.inside is None:
            self.logs.append([])
            self._go_on(self._walk(self.logs[-1]), now)

    def wake(self, now: datetime) -> None:
        while self.inside is not None and self.inside[1] <= now:
            self._go_on(self.inside[0], now)

    def _go_on(self, journey: Iterator[timedelta], now: datetime) -> None:
        pause = next(journey, None)
        self.inside = None if pause is None else (journey, now + pause)

    def _walk(self, log: Log) -> Iterator[timedelta]:
        jumps: Jumps = Counter()
        place = 0
        while place < len(self.chain):
            try:
                yield from self._lane([self.chain[place]], log, jumps)
            except Left:
                return
            except Jumped as jump:
                place = [step["key"] for step in self.chain].index(str(jump))
            else:
                place += 1

    def _lane(self, lane: list[Step], log: Log, jumps: Jumps) -> Iterator[timedelta]:
        for step in lane:
            if step["type"] == "wait":
                log.append((step["key"], "waiting"))
                yield HOUR * int(step["for"][2:-1])
            acts = self._acts(step, jumps)
            log.append((step["key"], "done" if acts else "skipped"))
            if step["type"] == "exit":
                raise Left
            if step["type"] == "goto" and acts:
                jumps[step["step"]] += 1
                raise Jumped(step["step"])
            yield from self._lane(self._way(step), log, jumps)

    def _acts(self, step: Step, jumps: Jumps) -> bool:
        """Do what it does; False where it is skipped."""
        match step["type"]:
            case "accrue":
                self.points += step["amount"]
            case "redeem":
                if self.points < step["amount"]:
                    return False
                self.points -= step["amount"]
            case "add_tag":
                if step["tag"] in self.tags:
                    return False
                self.tags.append(step["tag"])
            case "goto":
                return self._holds(step["filter"]) and jumps[step["step"]] < step["limit"]
        return True

    def _way(self, step: Step) -> list[Step]:
        branch = ""
        match step["type"]:
            case "condition":
                branch = "yes" if self._holds(step["filter"]) else "no"
            case "switch":
                held = (case["branch"] for case in step["cases"] if self._holds(case["filter"]))
                branch = next(held, "else")
            case "split":
                branch = "all"
        way: list[Step] = step["branches"][branch] if branch else []
        return way

    def _holds(self, filter: list[Any]) -> bool:
        name, _operator, value = filter
        return value in self.tags if name == "customer.tags" else self.points >= value


# --- What is drawn --------------------------------------------------------------------------------

TAGS = st.sampled_from(["red", "blue"])
FILTERS = st.one_of(
    st.integers(0, 40).map(lambda n: ["cards.aurora.points", ">=", n]),
    TAGS.map(lambda tag: ["customer.tags", "has", tag]),
)
AMOUNTS = st.integers(1, 20)
PLAIN = st.one_of(
    AMOUNTS.map(lambda n: {"type": "accrue", "program": "aurora", "unit": "points", "amount": n}),
    AMOUNTS.map(lambda n: {"type": "redeem", "program": "aurora", "amount": n}),
    TAGS.map(lambda tag: {"type": "add_tag", "tag": tag}),
    st.integers(1, 5).map(lambda n: {"type": "wait", "for": f"PT{n}H"}),
)
GOTO = st.builds(
    lambda filter, limit: {"type": "goto", "filter": filter, "limit": limit},
    FILTERS,
    st.integers(1, 3),
)


def forks(lanes: st.SearchStrategy[list[Step]]) -> st.SearchStrategy[Step]:
    return st.one_of(
        st.builds(
            lambda filter, yes, no: {
                "type": "condition",
                "filter": filter,
                "branches": {"yes": yes, "no": no},
            },
            FILTERS,
            lanes,
            lanes,
        ),
        st.builds(
            lambda a, b, one, two, rest: {
                "type": "switch",
                "cases": [{"branch": "a", "filter": a}, {"branch": "b", "filter": b}],
                "branches": {"a": one, "b": two, "else": rest},
            },
            *(FILTERS, FILTERS, lanes, lanes, lanes),
        ),
        st.builds(
            lambda everybody, nobody: {
                "type": "split",
                "shares": {"all": 100, "none": 0},
                "branches": {"all": everybody, "none": nobody},
            },
            lanes,
            lanes,
        ),
    )


def lanes_of(steps: st.SearchStrategy[Step]) -> st.SearchStrategy[list[Step]]:
    """Up to three steps, and perhaps an exit, behind which nothing stands."""
    exits = st.sampled_from([[], [], [{"type": "exit"}]])
    return st.builds(lambda lane, end: [*lane, *end], st.lists(steps, max_size=3), exits)


CHAINS = st.lists(
    st.recursive(PLAIN | GOTO, lambda steps: forks(lanes_of(steps)), max_leaves=12),
    min_size=1,
    max_size=7,
)
# Hours that pass, and whether the customer waves then.
TIMES = st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=8)


def keyed(chain: list[Step], draws: list[int]) -> list[Step]:
    """With a key for each step, and a step of the root lane for each jump, not itself."""
    numbers = iter(range(10_000))

    def name(step: Step) -> Step:
        named = step | {"key": f"s{next(numbers)}"}
        if "branches" in step:
            named["branches"] = {
                branch: [name(each) for each in lane] for branch, lane in step["branches"].items()
            }
        return named

    named = [name(step) for step in chain]

    def aim(step: Step) -> None:
        if step["type"] == "goto":
            others = [each["key"] for each in named if each is not step] or [step["key"]]
            step["step"] = others[draws[int(step["key"][1:]) % len(draws)] % len(others)]
        for lane in step.get("branches", {}).values():
            for each in lane:
                aim(each)

    for step in named:
        aim(step)
    return named


THOROUGH = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def shelf() -> Iterator[Callable[[], None]]:
    """Each example leaves the shop as it found it; that also takes back the numbers of versions."""
    taken: list[str] = []

    def put_back() -> None:
        if taken:
            transaction.savepoint_rollback(taken.pop())
        for cache in (plans.plan_of, plans.listeners):
            cache.cache_clear()
        taken.append(transaction.savepoint())

    yield put_back
    plans.plan_of.cache_clear()


@THOROUGH
@given(chain=CHAINS, draws=st.lists(st.integers(0, 99), min_size=1, max_size=5), times=TIMES)
def test_whatever_chain_is_drawn_the_engine_walks_it_like_the_model(
    shelf: Callable[[], None],
    regular: Customer,
    aurora_card: Card,
    now: datetime,
    chain: list[Step],
    draws: list[int],
    times: list[tuple[int, bool]],
) -> None:
    assume(len(chain) > 1)  # a jump needs another step to go to
    shelf()
    steps = keyed(chain, draws)
    try:
        working(steps, now)
    except Invalid:  # such as a step behind a fork that nobody leaves
        reject()
    model, moment = Shop(steps), now

    for number, (hours, waves) in enumerate(times):
        moment += hours * HOUR
        if waves:
            wave(regular, moment, f"wave {number}")
            model.wave(moment)
        run(moment)
        model.wake(moment)

    journeys = list(Journey.objects.order_by("pk"))
    assert [history(journey) for journey in journeys] == model.logs
    assert Account.objects.get(card=aurora_card, unit="points").balance == model.points
    regular.refresh_from_db()
    assert regular.tags == model.tags
    waiting = [journey.due_at for journey in journeys if journey.state == "waiting"]
    assert waiting == ([model.inside[1]] if model.inside else [])
    assert broken(moment) == []
