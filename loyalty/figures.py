"""What a card shows of itself at a glance: in wallets, wherever there is room for a few lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from loyalty import money
from loyalty.postings import Held

if TYPE_CHECKING:
    from loyalty.models.card import Card
    from loyalty.models.reward import Reward


@dataclass(frozen=True, slots=True)
class Figure:
    """A label and a value; with a currency the value is in minor units of it."""

    key: str
    label: str | Promise
    value: str | int
    currency: str = ""

    @property
    def text(self) -> str:
        """The value as its reader writes it."""
        if self.currency and isinstance(self.value, int):
            return money.written(self.value, self.currency)
        return str(self.value)


class Shown:
    """A kind of card that can be looked at; each type of program says what is to be seen."""

    units: ClassVar[Mapping[str, str | Promise]] = {}
    # How its cards look in Apple's wallet: storeCard, coupon, generic or eventTicket.
    wallet_style: ClassVar[str] = "storeCard"

    def figures(self, held: Mapping[str, Held], card: "Card") -> list[Figure]:
        """What a card shows at a glance, the most important first; never empty."""
        return balances(self.units, held)

    def row(self, held: Mapping[str, Held]) -> tuple[int, int] | None:
        """How many of how many are filled, where that can be drawn; None: there is no such row."""
        return None


def balances(units: Mapping[str, str | Promise], held: Mapping[str, Held]) -> list[Figure]:
    return [Figure(unit, capfirst(str(word)), held[unit].balance) for unit, word in units.items()]


def next_reward(rewards: "Sequence[Reward]", points: int) -> list[Figure]:
    """The cheapest reward that costs more than there is; nothing where all can be had."""
    dearer = [each for each in rewards if each.is_active and each.price > points]
    if not dearer:
        return []
    reward = min(dearer, key=lambda each: each.price)
    words = {"reward": reward.name, "points": reward.price}
    return [Figure("next", _("Next reward"), _("%(reward)s at %(points)d") % words)]
