"""The tiers of a batch's customers: read together at the first question, written together."""

from collections.abc import Collection
from datetime import datetime
from functools import cached_property

from loyalty.causes import Cause
from loyalty.events import Draft
from loyalty.models import Standing, Tier
from loyalty.tiers import by_hand, rules, standings
from loyalty.tiers.rules import Rules


class OfMany:
    """Asks the database when somebody wants to know of the first of them. Who puts somebody on a
    tier has locked the customers before."""

    def __init__(self, customer_ids: Collection[int], now: datetime) -> None:
        self._customer_ids = customer_ids
        self._now = now
        self._changed: dict[int, Standing] = {}

    @cached_property
    def _rules(self) -> Rules | None:
        return rules.read()

    @cached_property
    def _rows(self) -> dict[int, Standing]:
        return standings.load(self._customer_ids, self._now)

    def __call__(self, customer_id: int) -> Tier | None:
        """Their tier, as what was done in this batch left it."""
        row = self._rows.get(customer_id) if self._rules else None
        return self._rules.tier(self._rules.level(row)) if self._rules else None

    def put(
        self, customer_id: int, tier: Tier, until: datetime | None, *, cause: Cause
    ) -> list[Draft]:
        """Put somebody on a tier in memory; the news to write with it (none if they were there)."""
        if self._rules is None:
            return []
        row = self._changed[customer_id] = self._rows[customer_id]
        fact = by_hand.put(row, self._rules, tier, until=until, now=self._now)
        return standings.tell(row, [fact] if fact else [], cause, self._now)

    def flush(self) -> None:
        """Write what `put` changed."""
        standings.write(list(self._changed.values()))
