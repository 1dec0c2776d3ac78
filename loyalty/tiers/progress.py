"""How far customers are, for those who look: counted when it is asked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from loyalty.models import Standing, Tier
from loyalty.models.tier import Metric
from loyalty.tiers import counting, rules, standings
from loyalty.tiers.rules import is_kept


@dataclass(frozen=True, slots=True)
class Progress:
    """`count` is what they have come to, in what the ladder counts (`metric`); `remaining` what is
    missing for the next tier; `projected` what their next review would make of them as things
    stand."""

    standing: Standing
    tier: Tier | None
    level: int
    metric: Metric
    count: int
    following: Tier | None
    remaining: int
    projected: Tier | None
    is_kept: bool

    @property
    def is_at_risk(self) -> bool:
        review = self.standing.next_review_at
        return review is not None and self.projected != self.tier


def population() -> list[tuple[Tier, int]]:
    """The tiers, lowest first, and how many customers stand on each now."""
    standing = Standing.objects.exclude(tier=None).values_list("tier")
    counted = dict(standing.annotate(n=Count("pk")))
    return [(tier, counted.get(tier.pk, 0)) for tier in Tier.objects.order_by("threshold")]


def progress(customer_ids: Collection[int], now: datetime) -> dict[int, Progress]:
    """Of each of them; nothing without tiers. A handful of queries for any number."""
    ladder = rules.read()
    if ladder is None or not customer_ids:
        return {}
    rows = standings.load(customer_ids, now)
    metric = Metric(ladder.ladder.metric)
    counts = counting.count(metric, customer_ids, ladder.counts_since(now))
    reviewed = [pk for pk, row in rows.items() if row.next_review_at]
    for_review = counting.count_for_review(metric, reviewed) if reviewed else {}
    found = {}
    for pk, row in rows.items():
        level, count = ladder.level(row), counts.get(pk, 0)
        following = ladder.following(level)
        found[pk] = Progress(
            standing=row,
            tier=ladder.tier(level),
            level=level,
            metric=metric,
            count=count,
            following=following,
            remaining=max(0, following.threshold - count) if following else 0,
            projected=ladder.tier(ladder.projected(level, for_review.get(pk, 0))),
            is_kept=is_kept(row, now),
        )
    return found
