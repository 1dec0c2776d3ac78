"""Which groups a customer came into and left, as the shop counts them."""

from dataclasses import dataclass

from loyalty.events.facts.fact import Fact


@dataclass(frozen=True)
class RfmSegmentChanged(Fact):
    """`before` and `after` are segments of the shop's RFM scheme. The first place that a customer
    is given is no change."""

    name = "rfm_segment_changed"
    is_personal = True

    before: str
    after: str


@dataclass(frozen=True)
class SegmentEntered(Fact):
    """`segment` is the segment's slug."""

    name = "segment_entered"
    is_personal = True

    segment: str


@dataclass(frozen=True)
class SegmentLeft(Fact):
    """`segment` is the segment's slug."""

    name = "segment_left"
    is_personal = True

    segment: str
