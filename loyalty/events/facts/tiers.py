"""What happened on the ladder of tiers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loyalty.events.facts.fact import Fact


@dataclass(frozen=True)
class TierChanged(Fact):
    """`before` and `after` are slugs (None: no tier), `tier` is what the new one is called,
    `direction` is `up` or `down`, `level` the new one's place from below (0: no tier). Upward once
    for each tier that is reached."""

    name = "tier_changed"
    is_personal = True

    before: str | None
    after: str | None
    tier: str
    direction: str
    level: int


@dataclass(frozen=True)
class CloseToUpgrade(Fact):
    """`tier` is the slug of the next one, `remaining` what is missing, in what the ladder counts:
    minor units, orders or points."""

    name = "close_to_upgrade"
    is_personal = True

    tier: str
    remaining: int


@dataclass(frozen=True)
class TierDowngradeRisk(Fact):
    """As things stand, the review at `review_at` would take the customer from `tier` to
    `projected` (slugs; None: no tier); `remaining` would keep it."""

    name = "tier_downgrade_risk"
    is_personal = True

    tier: str
    projected: str | None
    remaining: int
    review_at: datetime

    def payload(self) -> dict[str, Any]:
        return super().payload() | {"review_at": self.review_at.isoformat()}
