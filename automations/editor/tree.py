"""A version's chain as the editor draws it: lanes of cards, each with its numbers."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from automations import versions
from automations.lanes import Lanes
from automations.models import Automation, Counter, Journey, Step, Thread, Version
from automations.models.journey import JourneyState

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Numbers:
    """What has happened at each step, over all versions (its key stays the same)."""

    launched: int = 0
    by_step: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    inside: Mapping[str, int] = field(default_factory=dict)

    def of(self, key: str, metric: str) -> int:
        return self.by_step.get(key, {}).get(metric, 0)


@dataclass(slots=True)
class Lane:
    """Steps in a row: the root lane, or a branch of a fork."""

    fork: str
    branch: str
    label: Text
    thread: str
    cards: list["Card"] = field(default_factory=list)
    depth: int = 0
    help: Text = ""
    ground: tuple[str, ...] = ()  # the parallel branches it stands in

    @property
    def name(self) -> str:
        """How addresses and forms call it: `fork key.branch`, at the root `.thread key`."""
        return f"{self.fork}.{self.branch}"

    @property
    def ends(self) -> bool:
        """Whether its last step lets nobody out, so that nothing can stand behind it."""
        return bool(self.cards) and self.cards[-1].step.ends_lane


@dataclass(slots=True)
class Card:
    """One step where it stands, with what the editor writes on its card."""

    step: Step
    lane: Lane
    at: int
    lanes: list[Lane]
    numbers: Numbers
    problems: list[Text] = field(default_factory=list)
    target: "Card | None" = None  # where it jumps

    @property
    def key(self) -> str:
        return self.step.key

    @property
    def is_first(self) -> bool:
        return self.at == 0

    @property
    def is_last(self) -> bool:
        return self.at == len(self.lane.cards) - 1

    @property
    def after(self) -> int:
        return self.at + 1

    @property
    def reached(self) -> int:
        return self.numbers.of(self.key, "reached")

    @property
    def waiting(self) -> int:
        return self.numbers.inside.get(self.key, 0)

    @property
    def skipped(self) -> int:
        return self.numbers.of(self.key, "skipped")

    @property
    def stopped(self) -> int:
        return self.numbers.of(self.key, "stopped")

    @property
    def launched(self) -> int:
        return self.numbers.launched

    @property
    def icon_templates(self) -> tuple[str, str]:
        return (f"icons/{self.step.icon}.svg", "icons/step.svg")

    @property
    def summary(self) -> str:
        return self.step.summary()

    @property
    def words(self) -> str:
        """What it is in a list of steps, deeper ones after dashes."""
        summary = f": {self.summary}" if self.summary else ""
        return f"{'– ' * self.lane.depth}{self.step.label}{summary}"[:90]

    @property
    def inside_it(self) -> int:
        """How many steps stand in its branches, all the way down."""
        return sum(1 for _card in walk(self.lanes))


def numbers_of(automation: Automation) -> Numbers:
    """Two grouped queries, whatever the length of the chain."""
    by_step: dict[str, dict[str, int]] = defaultdict(dict)
    counted = Counter.objects.filter(automation=automation).values_list("step_key", "metric")
    for key, metric, n in counted.annotate(n=Sum("n")):
        by_step[key][metric] = n
    inside = (
        Journey.objects.filter(
            automation=automation, state__in=[JourneyState.WAITING, JourneyState.HELD]
        )
        .order_by()
        .values_list("step_key")
        .annotate(n=Count("id"))
    )
    return Numbers(by_step.get("", {}).get("launched", 0), by_step, dict(inside))


def read(
    version: Version,
    threads: Sequence[Thread],
    numbers: Numbers,
    problems: Mapping[str, list[Text]],
) -> list[Lane]:
    """The chain of each thread; one query, and one per step type in them."""
    lanes = versions.lanes_of(version)
    roots = []
    for at, thread in enumerate(threads, start=1):
        label = thread.name or (name_of(at) if len(threads) > 1 else _("Main chain"))
        root = Lane("", thread.key, label, thread.key)
        _fill(root, None, lanes, numbers, problems)
        _aim(root)
        roots.append(root)
    return roots


def name_of(at: int) -> str:
    """What a thread is called that nobody has named, counted from 1."""
    return _("Start %(n)d") % {"n": at}


def _fill(
    lane: Lane,
    fork: Step | None,
    lanes: Lanes,
    numbers: Numbers,
    problems: Mapping[str, list[Text]],
) -> None:
    for at, step in enumerate(lanes.at(fork, lane.branch)):
        card = Card(step, lane, at, [], numbers, list(problems.get(step.key, ())))
        lane.cards.append(card)
        for branch, label in step.branches.items():
            under = Lane(
                step.key,
                branch,
                label,
                lane.thread,
                depth=lane.depth + 1,
                help=step.branch_help(branch),
                ground=(*lane.ground, *([f"{step.key}.{branch}"] if step.is_parallel else [])),
            )
            card.lanes.append(under)
            _fill(under, step, lanes, numbers, problems)


def _aim(root: Lane) -> None:
    """Show each jump the card it goes to."""
    cards = {card.key: card for card in walk([root])}
    for card in cards.values():
        card.target = cards.get(card.step.jumps_to)


def reach(root: Lane, lane: Lane, card: Card | None) -> Iterator[Card]:
    """The steps to which one that stands in that lane may jump: not itself, nor from one branch of
    a parallel walk into another."""
    for each in walk([root]):
        if each.lane.ground == lane.ground and (card is None or each.key != card.key):
            yield each


def walk(lanes: list[Lane]) -> Iterator[Card]:
    """Every card in reading order."""
    for lane in lanes:
        for card in lane.cards:
            yield card
            yield from walk(card.lanes)


def all_lanes(lanes: Iterable[Lane]) -> Iterator[Lane]:
    """The lanes and every lane below them, in reading order."""
    for lane in lanes:
        yield lane
        for card in lane.cards:
            yield from all_lanes(card.lanes)


def find(roots: list[Lane], key: str) -> Card | None:
    return next((card for card in walk(roots) if card.key == key), None)


def lane_called(roots: list[Lane], name: str) -> Lane | None:
    return next((lane for lane in all_lanes(roots) if lane.name == name), None)
