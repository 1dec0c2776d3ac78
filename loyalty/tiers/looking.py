"""Looking at many customers at once: who rises, who falls, and of whom something is to be told."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter

from django.db import transaction

from loyalty import customers, events
from loyalty.causes import CLOCK, Cause
from loyalty.events import Draft, Fact
from loyalty.models import Standing
from loyalty.tiers import counting, standings
from loyalty.tiers.rules import Rules, is_kept, is_reviewed, may_be_told_close


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of a customer: why, whether money went back, and whether it was imported, of
    which nothing is told."""

    cause: Cause = CLOCK
    refunded: bool = False
    imported: bool = False


NOTHING = Heard()
# What is written of a row.
WRITTEN = attrgetter(*(each.attname for each in standings.FIELDS))


@dataclass(frozen=True, slots=True)
class Look:
    """One look at some customers. `heard` is why at each (nobody: time passed); a quiet one tells
    nothing, and puts everybody's next review where the ladder now has it."""

    rules: Rules
    now: datetime
    heard: Mapping[int, Heard] = field(default_factory=dict)
    is_quiet: bool = False

    def at(self, customer_ids: Collection[int], *, locks_all: bool = False) -> int:
        """Write what becomes of them; says of how many something changed. May be repeated.

        Mostly nothing does: so that no till waits for us, only those are locked, and looked at
        again, of whom something will. `locks_all`: it is most of them.
        """
        wanted = customer_ids if locks_all else [pk for pk, *_ in self._changes(customer_ids)]
        if not wanted:
            return 0
        with transaction.atomic():
            present = [customer.pk for customer in customers.lock(wanted)]
            found = self._changes(present)
            standings.write([row for _pk, row, _told in found])
            events.write([each for _pk, _row, told in found for each in told])
        return len(found)

    def _changes(self, customer_ids: Collection[int]) -> list[tuple[int, Standing, list[Draft]]]:
        """Those of whom something changes, as they will be, with what is told of them."""
        rows = standings.load(customer_ids, self.now)
        metric = self.rules.ladder.metric
        counts = counting.count(metric, customer_ids, self.rules.counts_since(self.now))
        asking = [pk for pk, row in rows.items() if self._is_review_near(row)]
        for_review = counting.count_for_review(metric, asking) if asking else {}
        found = []
        for pk, row in rows.items():
            before = WRITTEN(row)
            facts = self._consider(row, counts.get(pk, 0), for_review.get(pk, 0))
            told = standings.tell(row, facts, self._why(row).cause, self.now)
            if WRITTEN(row) != before:
                found.append((pk, row, told))
        return found

    def _consider(self, row: Standing, count: int, for_review: int) -> list[Fact]:
        """Change the row, in memory, as it will be; what there is to tell of it."""
        rules, before = self.rules, self.rules.level(row)
        why = self._why(row)
        after = rules.becomes(row, count, for_review, refunded=why.refunded, now=self.now)
        if after != before:
            standings.move(row, after, rules, count=count, now=self.now)
        elif self.is_quiet or is_reviewed(row, self.now):
            standings.schedule(row, rules, self.now)
        if self.is_quiet or why.imported:
            return []
        if after < before:
            return [standings.changed(before, after, rules)]
        return [
            *standings.climbed(before, after, rules),
            *(self._close(row, count) if row.pk in self.heard else self._risk(row, for_review)),
        ]

    def _close(self, row: Standing, count: int) -> list[Fact]:
        """That little is missing for the next tier, when what is counted has moved."""
        level = self.rules.level(row)
        target = self.rules.following(level)
        if target is None or is_kept(row, self.now) or not may_be_told_close(row, target, self.now):
            return []
        if not self.rules.is_close(level, count):
            return []
        row.close_to_id, row.close_told_at = target.pk, self.now
        return [events.CloseToUpgrade(tier=target.slug, remaining=target.threshold - count)]

    def _risk(self, row: Standing, for_review: int) -> list[Fact]:
        """That the next review would take their tier, once for each review."""
        review_at = row.next_review_at
        if review_at is None or not self._is_review_near(row) or row.risk_told_for == review_at:
            return []
        level = self.rules.level(row)
        tier = self.rules.tier(level)
        projected = self.rules.projected(level, for_review)
        if tier is None or projected >= level:
            return []
        row.risk_told_for = review_at
        would_be = self.rules.tier(projected)
        return [
            events.TierDowngradeRisk(
                tier=tier.slug,
                projected=would_be.slug if would_be else None,
                remaining=tier.threshold - for_review,
                review_at=review_at,
            )
        ]

    def _is_review_near(self, row: Standing) -> bool:
        """Whether it matters what their next review would count."""
        if self._why(row).refunded:
            return True
        warned = timedelta(days=self.rules.ladder.risk_days)
        return row.next_review_at is not None and row.next_review_at <= self.now + warned

    def _why(self, row: Standing) -> Heard:
        return self.heard.get(row.pk, NOTHING)
