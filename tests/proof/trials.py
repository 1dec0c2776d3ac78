"""One trial: the script is played, the player is killed, the next one goes on where it died, and at
the end everything is as if nobody had died."""

import gc
import importlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from loyalty.ledger.audit import broken
from messaging.models import Message
from tests.proof import carriers, children, picture, script
from tests.proof.picture import Picture
from tests.proof.points import points
from tests.proof.stage import Stage


@dataclass
class Came:
    """What came of a trial: who died where, and what is wrong all the same. `passed` are the points
    on the way of the last process; `doubted` letters may or may not have left, and say so;
    `repeated` ones left twice, under a key that their carrier knows."""

    deaths: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    doubted: int = 0
    repeated: int = 0


@dataclass
class Theatre:
    """Where trials are held. `before` is done first in every process (it plants a bug)."""

    stage: Stage
    before: Callable[[], None] = lambda: None
    expected: Picture = field(default_factory=dict)

    def rehearse(self) -> list[str]:
        """Play it with no death, to know how it must end; gives back the points it passes.

        Twice: of a script that ends differently each time nothing can be said.
        """
        self._begin()
        points.begin(0, 0)
        first = children.do(lambda: self._listed(script.play()))
        if first.fault or first.answer["faults"]:
            raise RuntimeError(first.fault or "\n".join(first.answer["faults"]))
        _warm_up(first.answer["modules"])
        self.expected = {
            table: Counter({tuple(row): n for row, n in rows})
            for table, rows in first.answer["picture"].items()
        }
        second = self.trial([])
        if second.faults:
            raise RuntimeError("\n".join(second.faults))
        return second.passed

    def trial(self, crashes: Sequence[int]) -> Came:
        """Play it with a death at each of those points, counted from where each process began."""
        self._begin()
        came = Came()
        act = 0
        for deadly in (*crashes, 0):
            points.begin(act, deadly)
            ended = children.do(self._play_to_the_end)
            if ended.died and deadly:
                act = points.act
                came.deaths.append(f"{script.ACTS[act].name}: {points.label}")
                continue
            if ended.answer is None:
                came.faults.append(ended.fault or "killed, but not by us")
            else:
                _add(came, ended.answer)
            break
        return came

    def _begin(self) -> None:
        self.stage.restore()
        carriers.empty_the_mailbag()

    # --- in the child ---------------------------------------------------------------------

    def _play_to_the_end(self) -> dict[str, Any]:
        self.before()
        points.watch()
        faults = script.play(points.act)
        connections["default"].execute_wrappers.clear()
        messages = list(Message.objects.select_related("sender"))
        letters = carriers.letters()
        faults += [f"audit: {fault}" for fault in broken(script.ACTS[-1].now)]
        faults += mail_faults(messages, letters)
        faults += picture.differences(self.expected, picture.take())
        return {
            "passed": points.seen,
            "faults": faults,
            "doubted": sum(message.state == "unknown" for message in messages),
            "repeated": sum(n - 1 for n in letters.values()),
        }

    def _listed(self, faults: list[str]) -> dict[str, Any]:
        found = picture.take()
        return {
            "faults": faults,
            "modules": sorted(sys.modules),
            "picture": {table: list(rows.items()) for table, rows in found.items()},
        }


def _warm_up(modules: Iterable[str]) -> None:
    """What was imported late need not be by every child; what is here now is never collected."""
    for name in modules:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _add(came: Came, answer: dict[str, Any]) -> None:
    came.passed = answer["passed"]
    came.doubted, came.repeated = answer["doubted"], answer["repeated"]
    came.faults += answer["faults"]
    if came.doubted + came.repeated > len(came.deaths):
        came.faults.append(
            f"{came.doubted} in doubt and {came.repeated} repeated after {len(came.deaths)} deaths"
        )


# --- The mailbag ----------------------------------------------------------------------------------


def mail_faults(messages: Iterable[Message], letters: Counter[carriers.Letter]) -> list[str]:
    """What left against what the messages say of it."""
    left = Counter[str]()
    for letter, n in letters.items():
        left[letter.key] += n
    told = []
    for message in messages:
        n = left.pop(message.key, 0)
        if not _is_allowed(message, n):
            told.append(f"letter {message.key} ({message.state}) left {n} times")
    return told + [f"a letter that no message asked for: {key}" for key in left]


def _is_allowed(message: Message, n: int) -> bool:
    if message.state == "sent":
        knows_keys = message.sender is not None and message.sender.provider == "proof_careful"
        return n == 1 or (n > 1 and knows_keys)
    if message.state == "unknown":
        return n <= 1
    return message.state == "refused" and n == 0
