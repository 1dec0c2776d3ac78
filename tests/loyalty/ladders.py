"""A ladder of three tiers, and short words for who stands where."""

from datetime import datetime
from typing import Any

from loyalty import tiers
from loyalty.models import Customer, Event, Ladder, Standing, Tier
from tests.loyalty.shop import paid

THRESHOLDS = {"bronze": 10_000, "silver": 30_000, "gold": 60_000}

# Rules of falling, to be put together.
NEVER: dict[str, Any] = {"downgrade": "none"}
AT_ONCE: dict[str, Any] = {"downgrade": "at_once"}
REVIEW: dict[str, Any] = {"downgrade": "review", "review_months": 6}
YEARLY: dict[str, Any] = {"downgrade": "review", "review": "yearly", "review_month": 7}
LAST_HALF: dict[str, Any] = {"window": "months", "window_months": 6}
ONE: dict[str, Any] = {"drop": "one"}


def ladder(now: datetime, thresholds: dict[str, int] = THRESHOLDS, **settings: Any) -> None:
    """Set up, or changed; everybody is looked at, quietly."""
    Ladder.objects.update_or_create(pk=1, defaults=settings)
    for slug, threshold in thresholds.items():
        Tier.objects.update_or_create(
            slug=slug, defaults={"name": slug.title(), "threshold": threshold}
        )
    tiers.recompute(now)


def look(now: datetime) -> None:
    """Do all that is due on the ladder at that moment."""
    while tiers.due(now):
        tiers.keep(0, now=now)


def tier_of(customer: Customer) -> str | None:
    row = Standing.objects.filter(customer=customer).select_related("tier").first()
    return row.tier.slug if row and row.tier else None


def standing(customer: Customer) -> Standing:
    return Standing.objects.get(customer=customer)


def review_of(customer: Customer) -> datetime:
    found = standing(customer).next_review_at
    assert found is not None
    return found


def news(name: str = "tier_changed") -> list[Any]:
    """What was told, oldest first: `(before, after)`, or the whole payload of other facts."""
    told = [event.data for event in Event.objects.filter(name=name).order_by("pk")]
    if name != "tier_changed":
        return told
    return [(data["before"], data["after"]) for data in told]


def buys(total: int, now: datetime, key: str = "", **said: Any) -> None:
    """Dora pays that much, and the ladder hears of it."""
    paid(now, total, key=key or f"shop:{now.isoformat()}:{total}", placed_at=now, **said)
    look(now)
