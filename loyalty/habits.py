"""What is counted of a customer, for conditions in memory: visits, RFM, segments."""

from collections.abc import Collection
from datetime import datetime
from functools import cached_property
from typing import Any

from loyalty import visits
from loyalty.models import Business, Placement, RfmStanding

NAMES = ("visits_count", "last_visit_at", "days_since_visit", "rfm", "segments")


def nothing(customer_id: int, name: str, now: datetime) -> Any:
    """Of nobody is anything known."""
    return 0 if name == "visits_count" else None


class OfMany:
    """Of those customers; each table is asked when somebody wants to know of the first of them."""

    def __init__(self, customer_ids: Collection[int]) -> None:
        self._ids = customer_ids

    def __call__(self, customer_id: int, name: str, now: datetime) -> Any:
        """By the field's name, one of `NAMES`."""
        match name:
            case "visits_count":
                return self._visits.get(customer_id, visits.NONE).count
            case "last_visit_at":
                return self._visits.get(customer_id, visits.NONE).last_at
            case "days_since_visit":
                last = self._visits.get(customer_id, visits.NONE).last_at
                return visits.days_before(last, self._zone, now)
            case "rfm":
                return self._rfm.get(customer_id)
        return self._segments.get(customer_id)

    @cached_property
    def _zone(self) -> str:
        return Business.get().time_zone

    @cached_property
    def _visits(self) -> dict[int, visits.Visits]:
        return visits.of(self._ids)

    @cached_property
    def _rfm(self) -> dict[int, str]:
        rows = RfmStanding.objects.filter(customer_id__among=self._ids)
        return dict(rows.values_list("customer_id", "segment"))

    @cached_property
    def _segments(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        rows = Placement.objects.filter(customer_id__among=self._ids)
        for customer, slug in rows.order_by("segment__slug").values_list(
            "customer_id", "segment__slug"
        ):
            found.setdefault(customer, []).append(slug)
        return found
