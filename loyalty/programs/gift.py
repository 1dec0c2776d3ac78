from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.errors import AlreadyRedeemed, AmountRequired, IllegalOperation
from loyalty.figures import Figure
from loyalty.models.mechanics import Mechanics
from loyalty.models.program import Program
from loyalty.postings import Change, Held, Kind, Posting

if TYPE_CHECKING:
    from loyalty.models import Card


class GiftProgram(Program):
    """Money that was paid for, in minor units of the program's currency.

    A single-use card is done with after one redemption: what is left of it is forfeited, as an
    entry of its own. Store credit is the same purse given by the shop: one card for each customer,
    which begins empty where nothing is said.
    """

    type = "gift"
    label = gettext_lazy("Gift card")
    about = gettext_lazy("An amount that was paid for, to spend at once or bit by bit.")
    units = {"money": gettext_lazy("money")}
    money_units = ("money",)
    earns = "money"
    spends = "money"
    comes_for = Kind.REDEEM
    legal = {Kind.ACCRUE: ("money",), Kind.REDEEM: ("money",), Kind.TRANSFER: ("money",)}
    has_happy_hours = False
    is_given_to_others = True
    mechanics_offered = (Mechanics.HAND,)
    settings = ("currency", "allows_transfer")

    is_single_use = models.BooleanField(
        gettext_lazy("single use"),
        default=False,
        help_text=gettext_lazy("Whatever is left after one redemption is forfeited."),
    )
    may_top_up = models.BooleanField(
        gettext_lazy("may be topped up"), default=True, help_text=gettext_lazy("At the till.")
    )
    is_store_credit = models.BooleanField(
        gettext_lazy("store credit"),
        default=False,
        help_text=gettext_lazy("One card for each customer, filled by the shop."),
    )

    class Meta:
        verbose_name = gettext_lazy("gift card")
        verbose_name_plural = gettext_lazy("gift cards")

    @property
    def is_one_per_customer(self) -> bool:
        return self.is_store_credit

    @property
    def may_be_joined(self) -> bool:
        return self.is_store_credit

    def opening(self, amount: int | None) -> int:
        if amount is None and not self.is_store_credit:
            raise AmountRequired
        return amount or 0

    def can(self, held: Mapping[str, Held], card: "Card") -> tuple[str, ...]:
        if self._is_used(held["money"]):
            return ()
        accrues = ("accrue",) if self.may_top_up or self.is_store_credit else ()
        return (*accrues, "redeem")

    def figures(self, held: Mapping[str, Held], card: "Card") -> list[Figure]:
        return [Figure("money", _("Balance"), held["money"].balance, self.currency)]

    def entries(self, posting: Posting, held: Mapping[str, Held], card: "Card") -> list[Change]:
        money = held["money"]
        match posting.kind:
            case Kind.REDEEM:
                return self._spend(posting.amount, money)
            case Kind.ACCRUE:
                self._require_open(money)
        return [Change("money", posting.amount, posting.kind)] if posting.amount else []

    def _spend(self, amount: int, money: Held) -> list[Change]:
        if self._is_used(money):
            raise AlreadyRedeemed
        changes = [Change("money", -amount, Kind.REDEEM)]
        rest = money.balance - amount
        if self.is_single_use and rest > 0:
            changes.append(Change("money", -rest, Kind.EXPIRE))
        return changes

    def _require_open(self, money: Held) -> None:
        if not self.may_top_up and not self.is_store_credit:
            raise IllegalOperation(_("This gift card cannot be topped up."))
        if self._is_used(money):
            raise IllegalOperation(_("This gift card could be used once, and was."))

    def _is_used(self, money: Held) -> bool:
        return self.is_single_use and money.lifetime_out > 0
