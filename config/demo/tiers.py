"""Café Aurora's three tiers, by what a customer has spent in the last twelve months."""

from datetime import datetime

from loyalty import tiers
from loyalty.models import Ladder, Tier
from loyalty.models.tier import Downgrade, Review, Window

# Name, from how many cents on, color, benefits.
TIERS = (
    ("Bronze", 3_000, "#b45309", "A biscuit with every coffee"),
    ("Silver", 6_000, "#64748b", "A biscuit with every coffee\nAny milk at no charge"),
    (
        "Gold",
        12_000,
        "#ca8a04",
        "Any milk at no charge\nA table on Sundays",
    ),
)


def raise_ladder(now: datetime) -> None:
    """Once: tiers that are there are left as they are. Nobody is told where they stand."""
    if Tier.objects.exists():
        return
    Ladder.objects.get_or_create(
        pk=1,
        defaults={
            "window": Window.MONTHS,
            "downgrade": Downgrade.REVIEW,
            "review": Review.YEARLY,
            "grace_days": 30,
        },
    )
    for name, threshold, color, benefits in TIERS:
        Tier.objects.create(
            name=name, slug=name.lower(), threshold=threshold, color=color, benefits=benefits
        )
    tiers.recompute(now)
