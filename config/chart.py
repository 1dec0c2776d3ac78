"""A bar chart as numbers: where each bar stands in an SVG that the page stretches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

HEIGHT = 100  # of the drawing, in its own units; its width is one unit per day


@dataclass(frozen=True, slots=True)
class Bar:
    day: date
    n: int
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    top: int

    @property
    def width(self) -> int:
        return len(self.bars)

    @property
    def middle(self) -> int:
        return self.top // 2

    @property
    def is_empty(self) -> bool:
        return not any(bar.n for bar in self.bars)

    @property
    def total(self) -> int:
        return sum(bar.n for bar in self.bars)

    @property
    def ticks(self) -> list[date]:
        """The days written under it: first, middle, last."""
        return [self.bars[at].day for at in (0, len(self.bars) // 2, -1)]


def bars(numbers: Mapping[date, int], *, last: date, days: int) -> Chart:
    """One bar for each of the `days` that end with `last`."""
    span = [last - timedelta(days=days - 1 - back) for back in range(days)]
    top = _round_up(max((numbers.get(day, 0) for day in span), default=0))
    return Chart([_bar(day, numbers.get(day, 0), at, top) for at, day in enumerate(span)], top)


def _bar(day: date, n: int, at: int, top: int) -> Bar:
    height = round(HEIGHT * n / top, 2)
    return Bar(day, n, at + 0.16, round(HEIGHT - height, 2), height)


def _round_up(most: int) -> int:
    """The next even, round number: 4, 10, 20, 40, 100 …, never less than 4."""
    size = 1
    while True:
        for step in (4, 10, 20):
            if step * size >= most:
                return step * size
        size *= 10
