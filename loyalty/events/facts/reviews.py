"""What customers said of the business."""

from dataclasses import dataclass

from loyalty.events.facts.fact import Fact


@dataclass(frozen=True)
class ReviewLeft(Fact):
    """`rating` is one to five stars; `program` the slug of the card's program, if there is one."""

    name = "review_left"

    rating: int
    program: str
