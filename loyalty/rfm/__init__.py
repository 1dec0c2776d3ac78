"""RFM: customers told apart by when they came last, how often they come and what they spend; the
only writer of where they stand. What a visit is, `loyalty.visits` knows."""

from loyalty.rfm.presets import EVERY_NAME, PRESETS, Kind, Preset
from loyalty.rfm.recounting import configure, forget, is_due, preview, recount
from loyalty.rfm.scheme import NAMES, Scheme, checked, current, of, settings

__all__ = [
    "EVERY_NAME",
    "NAMES",
    "PRESETS",
    "Kind",
    "Preset",
    "Scheme",
    "checked",
    "configure",
    "current",
    "forget",
    "is_due",
    "of",
    "preview",
    "recount",
    "settings",
]
