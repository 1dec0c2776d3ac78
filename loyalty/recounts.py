"""What is counted from time to time: RFM once a day, each segment once an hour."""

import logging
import time
from datetime import datetime

from loyalty import rfm, segments
from loyalty.clock import now as now_at_the_edge
from loyalty.errors import LoyaltyError

logger = logging.getLogger(__name__)

RFM, SEGMENTS = 0, 1


def due(now: datetime) -> list[int]:
    """One argument for each kind of counting that is due."""
    found = [RFM] if rfm.is_due(now) else []
    return [*found, SEGMENTS] if segments.due(now).exists() else found


def recount(which: int, *, now: datetime | None = None, budget: float = 2.0) -> int:
    """Do what is due, and begin nothing new after `budget` seconds; says how much was counted."""
    now = now or now_at_the_edge()
    if which == RFM:
        if not rfm.is_due(now):
            return 0
        rfm.recount(now=now)
        return 1
    end = time.monotonic() + budget
    counted = 0
    for segment in segments.due(now):
        try:
            segments.recount(segment, now=now)
        except LoyaltyError as refused:
            logger.warning("Segment %s cannot be counted: %s", segment.slug, refused.message)
            segments.set_aside(segment, now=now)
        counted += 1
        if time.monotonic() > end:
            break
    return counted
