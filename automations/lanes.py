"""A chain as a tree of lanes, in memory: which steps stand where, and what stands below them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from automations.models import Step

# Forks inside forks. Chains may be long; nested deeper than this nobody can read them.
DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Lane:
    """Where steps stand: in a branch of the fork with that key; without one, at the root, where
    the branch is the thread's key."""

    fork: str = ""
    branch: str = "main"


class Lanes:
    """The steps of one version in reading order, whatever order they come in."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._below: dict[tuple[int | None, str], list[Step]] = defaultdict(list)
        for step in sorted(steps, key=lambda step: (step.position, step.pk)):
            self._below[step.parent_id, step.branch].append(step)

    def at(self, fork: Step | None, branch: str) -> list[Step]:
        return self._below.get((fork.pk if fork else None, branch), [])

    def walk(self, fork: Step | None, branch: str) -> Iterator[Step]:
        """The steps of a lane, each followed by those of its branches."""
        for step in self.at(fork, branch):
            yield step
            yield from self.below(step)

    def below(self, step: Step) -> Iterator[Step]:
        for branch in step.branches:
            yield from self.walk(step, branch)

    def depth_below(self, step: Step) -> int:
        """How many forks stand inside each other from this step down; 0 for what is no fork."""
        if not step.branches:
            return 0
        inside = (
            self.depth_below(other) for name in step.branches for other in self.at(step, name)
        )
        return 1 + max(inside, default=0)

    def unreachable(self, fork: Step | None, branch: str) -> Iterator[Step]:
        """The first step of each lane that nobody comes to, because all before it leave."""
        ended = False
        for step in self.at(fork, branch):
            if ended:
                yield step
                return
            for name in step.branches:
                yield from self.unreachable(step, name)
            ended = self._ends(step)

    def _ends(self, step: Step) -> bool:
        if not step.branches:
            return step.ends_lane
        return all(any(map(self._ends, self.at(step, name))) for name in step.branches)
