"""Who stands in older versions, at which step, and what a new version would mean for them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count
from django.utils.functional import Promise

from automations import changes, grounds
from automations.changes import Chain, Change
from automations.choices import Way
from automations.engine.journeys import INSIDE
from automations.models import Automation, Journey, Step, Version

# What a step that is in the new version offers to those who stand at it; and one that is gone.
STILL_THERE = (Way.FINISH, Way.MOVE, Way.RESTART, Way.SKIP_TO, Way.EXIT)
GONE = (Way.FINISH, Way.SKIP_TO, Way.EXIT)
# The one that says most: several versions may have had the step.
_GRAVEST = (Change.REMOVED, Change.CHANGED, Change.MOVED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many people stand at a step of older versions, and what became of it."""

    key: str
    label: str | Promise
    summary: str
    people: int
    change: Change
    ways: Sequence[Way]


@dataclass(frozen=True, slots=True)
class Inside:
    """Everybody in older versions: at steps that were changed, removed or moved, and at others."""

    asked: list[Standing] = field(default_factory=list)
    others: int = 0

    @property
    def people(self) -> int:
        return self.others + sum(each.people for each in self.asked)


def of(automation: Automation) -> Inside:
    """Whoever is inside, set against the draft, or without one against what is live. A person whose
    branches walk stands at the fork."""
    target = automation.draft or automation.live
    if target is None:
        return Inside()
    counted = _counted(automation, target)
    if not counted:
        return Inside()
    new = Chain(target)
    people: dict[str, int] = defaultdict(int)
    changed: dict[str, set[Change]] = defaultdict(set)
    known: dict[str, Step] = {}
    for version, by_step in counted.items():
        old = Chain(version)
        found = changes.with_forks(changes.between(old, new), old, new)
        for key, n in by_step.items():
            people[key] += n
            known |= {key: old.steps[key]} if key in old.steps else {}
            if key in found:
                changed[key].add(found[key])
    spots = grounds.of(target)
    rows = []
    for key in people.keys() & changed.keys():
        step = new.steps.get(key) or known.get(key)
        ways = STILL_THERE if key in spots and not spots[key].fork else GONE
        rows.append(_standing(key, step, people[key], changed[key], ways))
    order = {key: at for at, key in enumerate(new.steps)}
    rows.sort(key=lambda row: order.get(row.key, len(order)))
    return Inside(rows, sum(n for key, n in people.items() if key not in changed))


def _counted(automation: Automation, target: Version) -> dict[Version, dict[str, int]]:
    inside = Journey.objects.filter(automation=automation, state__in=INSIDE, parent=None)
    rows = (
        inside.exclude(version=target)
        .order_by()
        .values_list("version_id", "step_key")
        .annotate(n=Count("pk"))
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for version, key, n in rows:
        found[version][key] = n
    versions = Version.objects.in_bulk(found)
    return {versions[pk]: by_step for pk, by_step in found.items()}


def _standing(
    key: str, step: Step | None, people: int, found: set[Change], ways: Sequence[Way]
) -> Standing:
    gravest = next(change for change in _GRAVEST if change in found)
    label, summary = (step.label, step.summary()) if step else (key, "")
    return Standing(key, label, summary, people, gravest, ways)
