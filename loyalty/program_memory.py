"""Programs as they are at this moment, out of this process's memory wherever nothing has changed.

There are a handful of them, they seldom change, and every scan needs one with all that belongs to
it. Whoever reads a card reads its program's `version` along; what was loaded under that version
still holds, whichever process or hand may have changed what (`loyalty.program_versions`).
"""

from dataclasses import dataclass
from typing import TypeVar

from django.db import models
from django.db.models.base import ModelState

from loyalty.models import HappyHour, Program, Rate, Reward

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class _Known:
    program: Program
    offers: list[Reward]
    steps: list[Rate]
    hours: list[HappyHour]


_known: dict[int, _Known] = {}


def program(pk: int, version: int) -> Program:
    """The program with that number, which had that version a moment ago, with its rewards, rates
    and happy hours; an object of the caller's own."""
    known = _known.get(pk)
    if known is None or known.program.version != version:
        known = _load(pk)
        if known.program.version:  # 0: nobody watches it
            _known[pk] = known
    mine = _copy(known.program)
    mine.offers = [_copy(each) for each in known.offers]
    mine.steps = [_copy(each) for each in known.steps]
    mine.hours = [_copy(each) for each in known.hours]
    return mine


def _load(pk: int) -> _Known:
    """Its own row first, with the version: what belongs to it may be newer than that, never older,
    and the next one who asks will see that it is."""
    return _Known(
        Program.objects.get(pk=pk),
        offers=list(Reward.objects.filter(program=pk)),
        steps=list(Rate.objects.filter(program=pk)),
        hours=list(HappyHour.objects.filter(program=pk)),
    )


def _copy(row: M) -> M:
    """Another object of the same row: what is set or looked up on it stays with whoever has it."""
    new = type(row).__new__(type(row))
    new.__dict__.update(row.__dict__)
    new._state = ModelState()
    new._state.adding, new._state.db = False, row._state.db
    return new
