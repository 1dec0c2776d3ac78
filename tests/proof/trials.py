"""One trial: the script is played, the player is killed, the next one goes on where it died, and at
the end everything is as if nobody had died."""

import gc
import importlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from automations.engine.plans import plan_of
from automations.models import StepRun, Version
from automations.steps import types
from loyalty.ledger.audit import broken
from messaging.models import Message
from tests.proof import carriers, children, picture, script
from tests.proof.picture import Picture
from tests.proof.points import points
from tests.proof.stage import Stage


@dataclass
class Came:
    """What came of a trial: who died where, and what is wrong all the same. `doubted` letters may
    or may not have left, and say so; `repeated` ones left twice, under a key that their carrier
    knows."""

    deaths: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    doubted: int = 0
    repeated: int = 0


@dataclass
class Theatre:
    """Where trials are held. `before` is done first in every process (it plants a bug).

    Of each act it keeps the beginning, so that nothing before a death need be played again, what
    is then to be found, and the points on the way through it.
    """

    stage: Stage
    before: Callable[[], None] = lambda: None
    expected: list[Picture] = field(default_factory=list)
    passed: list[list[str]] = field(default_factory=list)
    mail: list[str] = field(default_factory=list)

    def rehearse(self) -> list[str]:
        """Play it with no death, to know how it must go; gives back the points it passes.

        Then once more: of a script that ends differently each time nothing can be said.
        """
        carriers.mailbag().write_text("")
        self.mail = [""]
        self.stage.restore(0)
        points.begin(0, 0)
        self._note(self._answer(self._first_look))
        for act in range(len(script.ACTS)):
            points.begin(act, 0)
            answer = self._answer(self._play_one)
            self._note(answer)
            self.passed.append(answer["passed"])
            self.mail.append(carriers.mailbag().read_text())
            self.stage.keep(act + 1)
        if faults := self.trial([], to_the_end=True).faults:
            raise RuntimeError("\n".join(faults))
        return [label for act in self.passed for label in act]

    def _answer(self, work: Callable[[], Any]) -> Any:
        ended = children.do(work)
        if ended.answer is None or ended.answer["faults"]:
            raise RuntimeError(ended.fault or "\n".join(ended.answer["faults"]))
        return ended.answer

    def _note(self, answer: dict[str, Any]) -> None:
        _warm_up(answer["modules"])
        self.expected.append(
            {
                table: Counter({tuple(row): n for row, n in rows})
                for table, rows in answer["picture"].items()
            }
        )

    def trial(self, crashes: Sequence[int], *, to_the_end: bool = False) -> Came:
        """Play it with a death at each of those points: the first is counted from the beginning of
        the script, each other one from where its process began.

        It is over when all is as in the rehearsal at the same moment, or at the end of the script.
        """
        came = Came()
        act, deadly = self._where(crashes[0]) if crashes else (0, 0)
        self.stage.restore(act)
        carriers.mailbag().write_text(self.mail[act])
        for each in (deadly, *crashes[1:], 0):
            points.begin(act, each)
            ended = children.do(partial(self._play, each, to_the_end))
            if ended.died and each:
                act = points.act
                came.deaths.append(f"{script.ACTS[act].name}: {points.label}")
                continue
            if ended.answer is None:
                came.faults.append(ended.fault or "killed, but not by us")
            else:
                _add(came, ended.answer)
            break
        return came

    def _where(self, point: int) -> tuple[int, int]:
        for act, passed in enumerate(self.passed):
            if point <= len(passed):
                return act, point
            point -= len(passed)
        return len(self.passed) - 1, len(self.passed[-1]) + point

    # --- in the child ---------------------------------------------------------------------

    def _first_look(self) -> dict[str, Any]:
        return _seen([])

    def _play_one(self) -> dict[str, Any]:
        self.before()
        points.watch()
        faults = script.play(range(points.act, points.act + 1))
        points.turn_away()
        if points.act == len(script.ACTS) - 1:
            faults += _not_walked()
        return _seen(faults) | {"passed": points.seen}

    def _play(self, deadly: int, to_the_end: bool) -> dict[str, Any]:
        self.before()
        if deadly:
            points.watch()
        faults, last = [], len(script.ACTS)
        for act in range(points.act, last):
            faults += script.play([act])
            if not deadly and not to_the_end and act + 1 < last and not self._faults(act + 1):
                last = act + 1
                break
        points.turn_away()
        return self.judge(last, faults)

    def judge(self, act: int, faults: Sequence[str] = ()) -> dict[str, Any]:
        """What is wrong at the beginning of that act, in the process that has played to there."""
        messages = list(Message.objects.all())
        return {
            "faults": [*faults, *self._faults(act)],
            "doubted": sum(message.state == "unknown" for message in messages),
            "repeated": carriers.repeated(),
        }

    def _faults(self, act: int) -> list[str]:
        """What is not as it must be at the beginning of that act."""
        faults = [f"audit: {fault}" for fault in broken(script.ACTS[act - 1].now)]
        faults += carriers.faults(is_over=act == len(script.ACTS))
        return faults + picture.differences(self.expected[act], picture.take())


def _seen(faults: list[str]) -> dict[str, Any]:
    found = picture.take()
    return {
        "faults": faults,
        "modules": sorted(sys.modules),
        "picture": {table: list(rows.items()) for table, rows in found.items()},
    }


def _not_walked() -> list[str]:
    """Step types of the product that nobody came to."""
    ours = {name for name, kind in types().items() if kind.__module__.startswith("automations.")}
    walked = set(StepRun.objects.values_list("type", flat=True))
    return [f"nobody walked through: {name}" for name in sorted(ours - walked)]


def _warm_up(modules: Iterable[str]) -> None:
    """What every process would import and read once (published plans never change) is done for all
    of them; what is here now is never collected."""
    for name in modules:
        importlib.import_module(name)
    for pk in Version.objects.filter(published_at__isnull=False).values_list("pk", flat=True):
        plan_of(pk)
    gc.collect()
    gc.freeze()


def _add(came: Came, answer: dict[str, Any]) -> None:
    came.doubted, came.repeated = answer["doubted"], answer["repeated"]
    came.faults += answer["faults"]
    if came.doubted + came.repeated > len(came.deaths):
        came.faults.append(
            f"{came.doubted} in doubt and {came.repeated} repeated after {len(came.deaths)} deaths"
        )
