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
        if fork is not None and fork.pk is None:
            return []  # not a row yet, so nothing stands in it; and None would be the root
        return self._below.get((fork.pk if fork else None, branch), [])

    def walk(self, fork: Step | None, branch: str) -> Iterator[Step]:
        """The steps of a lane, each followed by those of its branches."""
        for step in self.at(fork, branch):
            yield step
            yield from self.below(step)

    def below(self, step: Step) -> Iterator[Step]:
        for branch in step.branches:
            yield from self.walk(step, branch)

    def jumped_to(self) -> set[str]:
        """The keys at which some step may send people on."""
        every = (step for lane in self._below.values() for step in lane)
        return {step.jumps_to for step in every if step.jumps_to}

    def grounds(
        self, fork: Step | None, branch: str, inside: tuple[str, ...] = ()
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Every step's key with the parallel branches it stands in: one ground, one journey."""
        for step in self.at(fork, branch):
            yield step.key, inside
            for name in step.branches:
                own = (f"{step.key}.{name}",) if step.is_parallel else ()
                yield from self.grounds(step, name, inside + own)

    def depth_below(self, step: Step) -> int:
        """How many forks stand inside each other from this step down; 0 for what is no fork."""
        if not step.branches:
            return 0
        inside = (
            self.depth_below(other) for name in step.branches for other in self.at(step, name)
        )
        return 1 + max(inside, default=0)

    def unreachable(self, fork: Step | None, branch: str) -> Iterator[Step]:
        """The first step of each lane that nobody comes to, because all before it leave and no
        other step jumps there. (Jumps are limited, so whoever jumps goes on some day.)"""
        yield from self._unreachable(fork, branch, self.jumped_to())

    def _unreachable(self, fork: Step | None, branch: str, jumped_to: set[str]) -> Iterator[Step]:
        ended = False
        for step in self.at(fork, branch):
            if ended and step.key not in jumped_to:
                yield step
                return
            for name in step.branches:
                yield from self._unreachable(step, name, jumped_to)
            ended = self._ends(step, jumped_to)

    def _ends(self, step: Step, jumped_to: set[str]) -> bool:
        if step.is_parallel:
            return False
        if not step.branches:
            return step.ends_lane
        return all(self._lane_ends(step, name, jumped_to) for name in step.branches)

    def _lane_ends(self, fork: Step, branch: str, jumped_to: set[str]) -> bool:
        """Whether nobody comes out at its end; whoever jumps in behind an exit may."""
        ended = False
        for step in self.at(fork, branch):
            ended = (ended and step.key not in jumped_to) or self._ends(step, jumped_to)
        return ended
