"""What differs between two versions, step by step; steps are the same by their keys."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum

from automations.lanes import Lanes
from automations.models import Step, Version
from automations.versions import lanes_of, threads_of

LaneName = tuple[str, str]  # the fork's key (at the root none), and the branch


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass
class Chain:
    """A version's steps by key, and the lane of each; loaded once for several comparisons."""

    version: Version
    steps: dict[str, Step] = field(default_factory=dict)
    lane_of: dict[str, LaneName] = field(default_factory=dict)
    keys_in: dict[LaneName, list[str]] = field(default_factory=lambda: defaultdict(list))
    lanes: Lanes = field(init=False)

    def __post_init__(self) -> None:
        self.lanes = lanes_of(self.version)
        for thread in threads_of(self.version):
            self._fill(None, thread.key)

    def _fill(self, fork: Step | None, branch: str) -> None:
        name = (fork.key if fork else "", branch)
        for step in self.lanes.at(fork, branch):
            self.steps[step.key] = step
            self.lane_of[step.key] = name
            self.keys_in[name].append(step.key)
            for below in step.branches:
                self._fill(step, below)

    def below(self, key: str) -> set[str]:
        """The keys of all steps in its branches."""
        step = self.steps.get(key)
        return {each.key for each in self.lanes.below(step)} if step else set()


def between(old: Chain, new: Chain) -> dict[str, Change]:
    """What happened to each step that is not the same; the keys of the new version first, in
    reading order, then those that are gone."""
    moved = _moved(old, new)
    found: dict[str, Change] = {}
    for key, step in new.steps.items():
        before = old.steps.get(key)
        if before is None:
            found[key] = Change.ADDED
        elif _differ(before, step):
            found[key] = Change.CHANGED
        elif key in moved:
            found[key] = Change.MOVED
    gone = (key for key in old.steps if key not in new.steps)
    return found | dict.fromkeys(gone, Change.REMOVED)


def _differ(before: Step, after: Step) -> bool:
    return type(before) is not type(after) or before.parameters() != after.parameters()


def _moved(old: Chain, new: Chain) -> set[str]:
    """Who stands in another lane, or in another order among those who stayed in the lane."""
    common = old.lane_of.keys() & new.lane_of.keys()
    moved = {key for key in common if old.lane_of[key] != new.lane_of[key]}
    stayed = common - moved
    for lane in {new.lane_of[key] for key in stayed}:
        before = [key for key in old.keys_in[lane] if key in stayed]
        after = [key for key in new.keys_in[lane] if key in stayed]
        moved |= _out_of_order(before, after)
    return moved


def _out_of_order(before: list[str], after: list[str]) -> set[str]:
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    kept = {key for block in blocks for key in after[block.b : block.b + block.size]}
    return set(after) - kept


def with_forks(found: Mapping[str, Change], old: Chain, new: Chain) -> dict[str, Change]:
    """A fork in whose branches something changed has changed, for those whose branches walk."""
    forks = [key for key, step in new.steps.items() if step.is_fork and key not in found]
    touched = {
        key: Change.CHANGED
        for key in forks
        if not found.keys().isdisjoint(old.below(key) | new.below(key))
    }
    return {**found, **touched}
