"""Rows of `Standing`, changed in memory and written together; the table's only writer.

Whoever writes has locked the customers before reading these.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from loyalty import bulk, events
from loyalty.causes import Cause
from loyalty.events import Draft, Fact
from loyalty.models import Standing
from loyalty.tiers.rules import Rules, is_kept

FIELDS = [each for each in Standing._meta.concrete_fields if not each.primary_key]


def load(customer_ids: Collection[int], now: datetime) -> dict[int, Standing]:
    """Where each of them stands; who has no row gets one that is not written yet."""
    found = {row.pk: row for row in Standing.objects.filter(pk__among=customer_ids)}
    return {pk: found.get(pk) or Standing(customer_id=pk, since=now) for pk in customer_ids}


def move(
    standing: Standing,
    level: int,
    rules: Rules,
    *,
    count: int | None,
    until: datetime | None = None,
    reason: str = "",
    now: datetime,
) -> None:
    """Put them on that level, from now on; kept there until then, if it is said."""
    tier = rules.tier(level)
    standing.tier_id = tier.pk if tier else None
    standing.since = now
    standing.moved_with = count
    standing.locked_until = until
    standing.reason = reason
    schedule(standing, rules, now)


def schedule(standing: Standing, rules: Rules, now: datetime) -> None:
    """Note when they are looked at next: when the hand lets go, else at their review."""
    if is_kept(standing, now):
        standing.next_review_at = standing.locked_until
    else:
        standing.locked_until = None
        has_something = rules.level(standing) > rules.lowest
        standing.next_review_at = rules.review_after(standing.since, now) if has_something else None
    standing.counts_from = rules.review_counts_from(standing.next_review_at)


def climbed(before: int, after: int, rules: Rules) -> Iterator[Fact]:
    """One for each tier that was reached; nobody reaches the one that everybody has."""
    for level in range(before + 1, after + 1):
        tier = rules.tier(level)
        if tier and tier.threshold:
            yield changed(level - 1, level, rules)


def changed(before: int, after: int, rules: Rules) -> Fact:
    old, new = rules.tier(before), rules.tier(after)
    return events.TierChanged(
        before=old.slug if old else None,
        after=new.slug if new else None,
        tier=new.name if new else "",
        direction="up" if after > before else "down",
        level=after,
    )


def tell(standing: Standing, facts: Sequence[Fact], cause: Cause, now: datetime) -> list[Draft]:
    """The rows of those facts, not yet written; each has a number of its own."""
    told = []
    for fact in facts:
        standing.told += 1
        told.append(
            events.draft(
                fact,
                key=f"tier:{standing.pk}:{standing.told}",
                customer_id=standing.pk,
                cause=cause,
                now=now,
            )
        )
    return told


def write(rows: Sequence[Standing]) -> None:
    """All of them at once."""
    known = [row for row in rows if not row._state.adding]
    bulk.insert(Standing, [row for row in rows if row._state.adding])
    bulk.update(Standing, known, [each.name for each in FIELDS])
