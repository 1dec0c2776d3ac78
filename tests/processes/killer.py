"""Who kills real workers: one of their processes, the group, or the one who starts them all."""

import contextlib
import os
import random
import signal

from tests.house import House
from tests.processes import family


class Killer:
    """Kills by turns, and starts again what cannot start itself: runworker."""

    def __init__(self, house: House, chance: random.Random) -> None:
        self.house = house
        self.chance = chance
        self.runworker = house.start("runworker")

    def strikes(self, what: str) -> None:
        """A `leaf` has no children (worker, monitor, pusher); a `child` may be anybody's parent.
        Who was gone before the blow fell is no victim: another is looked for."""
        while True:
            family.wait_until(lambda: len(self.victims) > 3, "there is somebody to kill")
            with contextlib.suppress(ProcessLookupError, IndexError):
                return self._strike(what)

    def _strike(self, what: str) -> None:
        match what:
            case "group":
                os.killpg(family.children(self.runworker.pid)[0], signal.SIGKILL)
            case "leaf":
                leaves = [one for one in self.victims if not family.children(one)]
                family.kill(self.chance.choice(leaves))
            case "child":
                family.kill(self.chance.choice(self.victims))
            case "runworker":
                self.runworker.kill()
                self.runworker.wait()
                self.house.started.remove(self.runworker)
                self.runworker = self.house.start("runworker")

    @property
    def victims(self) -> list[int]:
        return family.descendants(self.runworker.pid)
