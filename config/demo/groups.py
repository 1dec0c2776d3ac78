"""How Café Aurora tells its customers apart: the RFM grid and a few segments, counted once.

Whatever is there already is left as it is.
"""

from datetime import datetime
from typing import Any

from loyalty import rfm, segments
from loyalty.models import Rfm, Segment

SEGMENTS: dict[str, tuple[str, Any]] = {
    "missed-regulars": (
        "Regulars who have not come for 30 days",
        {
            "all": [
                ["customer.visits_count", ">=", 5],
                ["customer.days_since_visit", ">", 30],
            ]
        },
    ),
    "half-a-row": (
        "More than half of a row of stamps",
        {"all": [["cards.coffee.stamps", ">", 5]]},
    ),
    "newsletter": (
        "May get the newsletter",
        {"all": [["customer.consent.email", "=", True], ["customer.email", "exists", True]]},
    ),
}


def gather(now: datetime) -> None:
    if not Rfm.objects.exists():
        rfm.recount(now=now)
    for slug, (name, condition) in SEGMENTS.items():
        if not Segment.objects.filter(slug=slug).exists():
            segments.make(slug, name, condition, now=now)
