"""One customer on a ladder, as the documents have it: everything counted anew at every look."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

MOMENT = timedelta(microseconds=1)


def months_before(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


@dataclass
class Climber:
    """`orders` are the moments and amounts of what was bought, less what went back."""

    rules: Mapping[str, Any]
    thresholds: tuple[int, ...]
    level: int = 0
    orders: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    since: datetime | None = None
    pinned_until: datetime | None = None
    review_at: datetime | None = None
    moved_at_count: int | None = None
    told: list[tuple[int, int]] = field(default_factory=list)

    def look(self, now: datetime, *, money_went_back: bool = False) -> None:
        if self.pinned_until and now < self.pinned_until:
            return
        is_review = self.review_at is not None and self.review_at <= now
        count = self._count(self._window(now))
        due, before = self._level_of(count), self.level
        fall = self._fall_to(due, is_review, money_went_back)
        may_step = self.moved_at_count != count
        if due > before:
            self._go(due if self.rules["climb"] == "jump" else before + may_step, count, now)
        elif fall < before:
            one = before - (is_review or may_step)
            self._go(fall if self.rules["drop"] == "deserved" else one, count, now)
        if is_review and self.level == before:
            self._plan(now)

    def pin(self, level: int, until: datetime, now: datetime) -> None:
        if level != self.level:
            self.told.append((self.level, level))
            self.level, self.since, self.moved_at_count = level, now, None
        self.pinned_until = self.review_at = until

    def _fall_to(self, due: int, is_review: bool, money_went_back: bool) -> int:
        if self.rules["downgrade"] == "at_once":
            return due
        may = is_review or (money_went_back and self.rules["refund_drops"])
        if self.rules["downgrade"] == "none" or not may:
            return self.level
        return max(due, self._level_of(self._count(self._review_window())))

    def _go(self, level: int, count: int, now: datetime) -> None:
        if level == self.level:
            return
        if level > self.level:
            self.told += [(step - 1, step) for step in range(self.level + 1, level + 1)]
        else:
            self.told.append((self.level, level))
        self.level, self.since, self.moved_at_count = level, now, count
        self._plan(now)

    def _plan(self, now: datetime) -> None:
        self.pinned_until = self.review_at = None
        if self.rules["downgrade"] != "review" or not self.level or not self.since:
            return
        grace = timedelta(days=self.rules["grace_days"])
        n = 0
        while self.review_at is None or self.review_at <= now:
            n += 1
            self.review_at = self._nth_day(n) + grace

    def _nth_day(self, n: int) -> datetime:
        assert self.since
        if self.rules["review"] == "months":
            return months_before(self.since, -self.rules["review_months"] * n)
        first = datetime(self.since.year, self.rules["review_month"], 1, tzinfo=UTC)
        year = self.since.year + n - (1 if first > self.since else 0)
        return first.replace(year=year)

    # --- counting -------------------------------------------------------------------------

    def _window(self, now: datetime) -> datetime | None:
        match self.rules["window"]:
            case "months":
                return months_before(now, self.rules["window_months"]) + MOMENT
            case "year":
                return datetime(now.year, 1, 1, tzinfo=UTC)
        return None

    def _review_window(self) -> datetime | None:
        if self.review_at is None or self.rules["window"] == "all":
            return None
        day = self.review_at - timedelta(days=self.rules["grace_days"])
        if self.rules["window"] == "months":
            return months_before(day, self.rules["window_months"]) + MOMENT
        return datetime(day.year - 1, 1, 1, tzinfo=UTC)

    def _count(self, since: datetime | None) -> int:
        return sum(net for at, net in self.orders.values() if since is None or at >= since)

    def _level_of(self, count: int) -> int:
        return sum(count >= threshold for threshold in self.thresholds)
