"""The ladder of VIP tiers: who stands where, and why; knows orders and the ledger by their sums.

Nobody tells us of what they do: we read the events as they are written, so no till is slower.
"""

from loyalty.tiers.by_hand import assign
from loyalty.tiers.following import follow
from loyalty.tiers.in_batch import OfMany
from loyalty.tiers.keeping import due, forget, keep, ladder_changed, recompute
from loyalty.tiers.progress import Progress, population, progress

__all__ = [
    "OfMany",
    "Progress",
    "assign",
    "due",
    "follow",
    "forget",
    "keep",
    "ladder_changed",
    "population",
    "progress",
    "recompute",
]
