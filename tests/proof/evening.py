"""Many trials in a row, and the line that plays a failing one again."""

import argparse
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connections

from tests.proof import shop, silences
from tests.proof.bugs import BUGS
from tests.proof.proxy import Proxy
from tests.proof.stage import Stage
from tests.proof.trials import Came, Theatre

MOST_CRASHES = 6
ONE_TO_THE_END = 10  # of so many random trials; it shows that those who stop before miss nothing
SHOWN = 12  # faults of one trial
Trial = tuple[int, list[int]]


def run(asked: argparse.Namespace, place: Stage) -> int:
    shop.open_shop()
    connections.close_all()
    place.keep(0)
    theatre = Theatre(place)
    points = len(theatre.rehearse())
    say(f"{place.name}: the script passes {points} points where a process can die")
    total = Total(place.name)
    if asked.all:
        every_point(theatre, asked.every, total)
    seed = random.randrange(10**6) if asked.seed is None else asked.seed
    if asked.crashes:
        crashes = [int(point) for point in asked.crashes.split(",")]
        total.add(theatre, seed, crashes, to_the_end=True)
    else:
        for number, trial in enumerate(schedules(seed, asked.random, points)):
            total.add(theatre, *trial, to_the_end=number % ONE_TO_THE_END == 0)
    if asked.silences:
        total.silences(theatre, asked.silences, seed)
    if asked.all_silences or asked.lost:
        total.all_silences(theatre, asked.lost)
    say(str(total))
    missed = plant(place) if asked.plant else 0
    return 1 if total.failed or missed else 0


@dataclass
class Total:
    database: str
    trials: int = 0
    deaths: int = 0
    doubted: int = 0
    repeated: int = 0
    failed: int = 0
    began: float = field(default_factory=time.monotonic)

    def add(
        self, theatre: Theatre, seed: int, crashes: list[int], *, to_the_end: bool = False
    ) -> bool:
        """Hold this trial; whether anybody died in it."""
        random.seed(seed)
        came = theatre.trial(crashes, to_the_end=to_the_end)
        again = f"--seed {seed} --crashes {','.join(map(str, crashes))}"
        self._count(came, again)
        return bool(came.deaths)

    def silences(self, theatre: Theatre, n: int, seed: int) -> None:
        """Trials in which answers to COMMIT are lost, until so many were."""
        with Proxy(theatre.stage.url).serving() as proxy:
            lost = 0
            while lost < n:
                came = silences.silence(theatre, proxy, seed)
                self._count(came, f"--silences 1 --seed {seed}")
                lost += len(came.deaths)
                seed += 1
        say(f"{self.database}: {lost} answers to COMMIT were lost")

    def all_silences(self, theatre: Theatre, only: str) -> None:
        """A trial for every COMMIT, or for the `only` act and numbers ("12:3,4")."""
        trials = [_read(only)] if only else silences.every(theatre)
        with Proxy(theatre.stage.url).serving() as proxy:
            for act, numbers in trials:
                came = silences.lose(theatre, proxy, act, numbers)
                self._count(came, f"--lost {act}:{','.join(map(str, sorted(numbers)))}")

    def _count(self, came: Came, again: str) -> None:
        self.trials += 1
        self.deaths += len(came.deaths)
        self.doubted += came.doubted
        self.repeated += came.repeated
        if came.faults:
            self.failed += 1
            say(f"python -m tests.proof --database {self.database} {again}")
            for death in came.deaths:
                say(f"  died {death}")
            for fault in came.faults[:SHOWN]:
                say(f"  {fault}")

    def __str__(self) -> str:
        return (
            f"{self.database}: {self.trials} trials, {self.deaths} deaths, {self.failed} failed; "
            f"{self.doubted} letters in doubt and shown, {self.repeated} sent twice under one key; "
            f"{time.monotonic() - self.began:.0f} s"
        )


def _read(lost: str) -> tuple[int, set[int]]:
    act, _, numbers = lost.partition(":")
    return int(act), {int(number) for number in numbers.split(",")}


def plant(place: Stage) -> int:
    """Each bug in turn: no death, no fault; and a fault when somebody dies at the worst moment.
    Says how many were missed."""
    missed = 0
    for name, (break_it, moment) in BUGS.items():
        theatre = Theatre(place, before=break_it)
        where = [n for n, label in enumerate(theatre.rehearse(), 1) if label.startswith(moment)]
        random.Random(1).shuffle(where)
        fault = next((came.faults[0] for n in where if (came := theatre.trial([n])).faults), "")
        say(f"{name}: {f'caught ({fault})' if fault else 'NOT CAUGHT'}")
        missed += not fault
    return missed


def every_point(theatre: Theatre, step: int, total: Total) -> None:
    """A death at point 1, 2, 3 … until a process passes them all."""
    point = 1
    while total.add(theatre, 0, [point]):
        point += step


def schedules(seed: int, n: int, points: int) -> Iterator[Trial]:
    """Random deaths: some far apart, some again and again at the beginning of the recovery."""
    for each in range(seed, seed + n):
        chance = random.Random(each)
        soon = [
            chance.randint(1, chance.choice((20, 100, points)))
            for _ in range(chance.randint(0, MOST_CRASHES - 1))
        ]
        yield each, [chance.randint(1, points), *soon]


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
