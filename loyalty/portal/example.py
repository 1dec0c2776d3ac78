"""The face of a card that nobody has: how a program would look, while staff still draw it."""

from collections.abc import Iterable
from datetime import datetime

from loyalty.models import Card, Customer, Plan, Program, Rate, Reward, Storefront
from loyalty.portal.face import Face, Soon
from loyalty.postings import Held

CODE = "this-is-no-card"
NUMBER = "1234567890123452"
# What an example holds of each unit; of a stamp card, about half of its row.
HOLDS = {"points": 120, "money": 4_500, "visits": 7, "uses": 1, "spent": 25_000, "rewards": 0}


class ExampleFace(Face):
    """Made of rows that are not saved, or not as they are here."""

    look = "look-example"
    rewards: list[Reward] = []
    waiting: list[str] = []
    ending: list[Soon] = []

    def __init__(
        self,
        program: Program,
        *,
        rewards: Iterable[Reward],
        rates: Iterable[Rate],
        plans: Iterable[Plan],
        now: datetime,
    ) -> None:
        program.steps = sorted(rates, key=lambda rate: rate.from_cents)
        plan = max(plans, key=lambda each: each.is_recommended, default=None)
        card = Card(code=CODE, number=NUMBER, customer=Customer())
        # Straight into the relations' cache: what is not saved cannot be pointed at.
        card._state.fields_cache |= {"program": program, "plan": plan}
        self.rewards = sorted(rewards, key=lambda reward: reward.price)
        super().__init__(card, "example", now)

    def __post_init__(self) -> None:
        self.program = self.card.program
        stamps = getattr(self.program, "stamps_per_reward", 0)
        holds = HOLDS | {"stamps": (stamps + 1) // 2}
        if self.card.plan is not None and self.card.plan.visits is not None:
            holds["visits"] = self.card.plan.visits
        self.held = {unit: Held(holds[unit], 0, holds[unit], 0) for unit in self.program.units}
        self.storefront = Storefront.of(self.program) if self.program.pk else Storefront()
