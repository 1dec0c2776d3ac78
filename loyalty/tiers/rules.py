"""The rules of the ladder, over what is in memory: nothing here asks the database but `read`."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from loyalty import zones
from loyalty.models import Business, Ladder, Standing, Tier
from loyalty.models.tier import Climb, Downgrade, Drop, Review, Window

# How long nobody is told again that they are close to a tier.
COOL_DOWN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Rules:
    """The ladder with its tiers, lowest first. A level is a tier's place from below; 0: no tier."""

    ladder: Ladder
    tiers: tuple[Tier, ...]
    zone: str

    # --- levels ---------------------------------------------------------------------------

    def level(self, standing: Standing | None) -> int:
        return self.level_of(standing.tier_id) if standing else 0

    def level_of(self, tier_id: int | None) -> int:
        return next((n for n, tier in enumerate(self.tiers, 1) if tier.pk == tier_id), 0)

    def tier(self, level: int) -> Tier | None:
        return self.tiers[level - 1] if 0 < level <= len(self.tiers) else None

    def following(self, level: int) -> Tier | None:
        """The next one above that level; None at the top."""
        return self.tier(level + 1)

    def deserved(self, count: int) -> int:
        return sum(tier.threshold <= count for tier in self.tiers)

    @property
    def lowest(self) -> int:
        """Where everybody stands who has nothing: the tier of threshold 0, or none."""
        return self.deserved(0)

    # --- times ----------------------------------------------------------------------------

    def counts_since(self, now: datetime) -> datetime | None:
        """From when it is counted for a rise now; None: from ever."""
        match self.ladder.window:
            case Window.MONTHS:
                return self._months_before(now)
            case Window.YEAR:
                return self._first_of_year(now, 0)
        return None

    def review_after(self, moment: datetime, now: datetime) -> datetime | None:
        """The first review later than `now` of who has their tier since that moment; None: no
        review."""
        if self.ladder.downgrade != Downgrade.REVIEW:
            return None
        day = self._review_day(moment)
        while self._with_grace(day) <= now:
            day = self._review_day(day)
        return self._with_grace(day)

    def review_counts_from(self, review_at: datetime | None) -> datetime | None:
        """From when a review counts: over a calendar year, from the beginning of the year before
        its day; None: from ever."""
        if review_at is None:
            return None
        day = zones.later(review_at, -self.ladder.grace_days, 0, self.zone)
        match self.ladder.window:
            case Window.MONTHS:
                return self._months_before(day)
            case Window.YEAR:
                return self._first_of_year(day, -1)
        return None

    def _review_day(self, after: datetime) -> datetime:
        ladder = self.ladder
        if ladder.review == Review.MONTHS:
            return zones.months_later(after, ladder.review_months, self.zone)
        year = after.astimezone(zones.zone(self.zone)).year
        days = (self._at(each, ladder.review_month, ladder.review_day) for each in (year, year + 1))
        return next(day for day in days if day > after)

    def _with_grace(self, day: datetime) -> datetime:
        return zones.later(day, self.ladder.grace_days, 0, self.zone)

    def _months_before(self, moment: datetime) -> datetime:
        """Just after: what took somebody up then is over at a review as long after it."""
        begins = zones.months_later(moment, -self.ladder.window_months, self.zone)
        return begins + timedelta(microseconds=1)

    def _first_of_year(self, moment: datetime, years: int) -> datetime:
        return self._at(moment.astimezone(zones.zone(self.zone)).year + years, 1, 1)

    def _at(self, year: int, month: int, day: int) -> datetime:
        return zones.localise(datetime.combine(date(year, month, day), time()), self.zone)

    # --- what becomes of somebody ---------------------------------------------------------

    def becomes(
        self, standing: Standing, count: int, for_review: int, *, refunded: bool, now: datetime
    ) -> int:
        """The level of somebody who has come to `count`, and for their review to `for_review`.

        Asked again of the same it answers the same, once what it said is written. Who is kept where
        they are by hand stays there.
        """
        level = self.level(standing)
        if is_kept(standing, now):
            return level
        if (deserved := self.deserved(count)) > level:
            return deserved if self.ladder.climb == Climb.JUMP else self._step(standing, count, +1)
        floor = self._floor(standing, deserved, for_review, refunded, now)
        if floor >= level:
            return level
        if self.ladder.drop == Drop.DESERVED:
            return floor
        return level - 1 if is_reviewed(standing, now) else self._step(standing, count, -1)

    def _step(self, standing: Standing, count: int, way: int) -> int:
        """One level, once for each count: the next when it has changed."""
        level = self.level(standing)
        return level if standing.moved_with == count else level + way

    def _floor(
        self, standing: Standing, deserved: int, for_review: int, refunded: bool, now: datetime
    ) -> int:
        """The level to which they may fall now; their own, or more, if they may not."""
        match self.ladder.downgrade:
            case Downgrade.AT_ONCE:
                return deserved
            case Downgrade.REVIEW if is_reviewed(standing, now) or (
                refunded and self.ladder.refund_drops
            ):
                return max(deserved, self.deserved(for_review))
        return self.level(standing)

    def projected(self, level: int, for_review: int) -> int:
        """What the next review would make of that level, of who had come to so much for it."""
        deserved = self.deserved(for_review)
        if self.ladder.downgrade == Downgrade.NONE or deserved >= level:
            return level
        return level - 1 if self.ladder.drop == Drop.ONE else deserved

    def is_close(self, level: int, count: int) -> bool:
        """Whether little is missing for the next tier."""
        target = self.following(level)
        if target is None:
            return False
        here = self.tier(level)
        missing = target.threshold - count
        gap = target.threshold - (here.threshold if here else 0)
        most = self.ladder.close_amount
        return missing * 100 <= self.ladder.close_percent * gap or (
            most is not None and missing <= most
        )


def is_kept(standing: Standing, now: datetime) -> bool:
    """Whether somebody's hand keeps them where they are."""
    return standing.locked_until is not None and standing.locked_until > now


def is_reviewed(standing: Standing, now: datetime) -> bool:
    return standing.next_review_at is not None and standing.next_review_at <= now


def may_be_told_close(standing: Standing, target: Tier, now: datetime) -> bool:
    """Once for each tier, and not twice in a week."""
    told_at = standing.close_told_at
    return standing.close_to_id != target.pk and (told_at is None or now - told_at >= COOL_DOWN)


def read() -> Rules | None:
    """The ladder as it is; None without tiers."""
    tiers = tuple(Tier.objects.order_by("threshold"))
    return Rules(Ladder.get(), tiers, Business.get().time_zone) if tiers else None
