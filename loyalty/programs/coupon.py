from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.errors import AlreadyRedeemed, IllegalOperation
from loyalty.events import CouponRedeemed, Fact
from loyalty.figures import Figure
from loyalty.models.mechanics import Mechanics
from loyalty.models.program import Program
from loyalty.postings import Change, Held, Kind, Posting

if TYPE_CHECKING:
    from loyalty.models import Card


class CouponProgram(Program):
    """An offer that is taken once.

    Redeemed at the till it may turn into a card of another program, which then has its first stamp.
    """

    type = "coupon"
    label = gettext_lazy("Coupon")
    about = gettext_lazy("One offer, redeemed once; it may turn into another card then.")
    wallet_style = "coupon"
    units = {"uses": gettext_lazy("uses")}
    spends = "uses"
    legal = {Kind.REDEEM: ("uses",)}
    redeems = 1
    comes_for = Kind.REDEEM
    is_for_kiosks = True
    has_happy_hours = False
    mechanics_offered = (Mechanics.HAND,)
    settings = ()

    offer = models.CharField(
        gettext_lazy("offer"), max_length=200, help_text=gettext_lazy("What it is good for.")
    )
    turns_into = models.ForeignKey(
        Program,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="coupons",
        verbose_name=gettext_lazy("turns into"),
        help_text=gettext_lazy("Whoever redeems it gets a card of this program."),
    )

    class Meta:
        verbose_name = gettext_lazy("coupon")
        verbose_name_plural = gettext_lazy("coupons")

    @property
    def is_one_per_customer(self) -> bool:
        return False

    @property
    def promise(self) -> str:
        return self.offer

    @property
    def becomes(self) -> Program | None:
        return self.turns_into

    def clean(self) -> None:
        super().clean()
        if self.turns_into is not None and not self.turns_into.is_one_per_customer:
            said = _("Choose a program of which each customer has one card.")
            raise ValidationError({"turns_into": said})

    def opening(self, amount: int | None) -> int:
        super().opening(amount)
        return 1

    def can(self, held: Mapping[str, Held], card: "Card") -> tuple[str, ...]:
        return ("redeem",) if held["uses"].balance else ()

    def figures(self, held: Mapping[str, Held], card: "Card") -> list[Figure]:
        state = _("Not used yet") if held["uses"].balance else _("Redeemed")
        return [Figure("offer", _("Offer"), self.offer), Figure("uses", _("State"), state)]

    def entries(self, posting: Posting, held: Mapping[str, Held], card: "Card") -> list[Change]:
        if posting.kind == Kind.ISSUE:
            return [Change("uses", posting.amount, Kind.ISSUE)]
        if posting.amount != 1:
            raise IllegalOperation(_("A coupon is redeemed once."))
        if not held["uses"].balance:
            raise AlreadyRedeemed
        return [Change("uses", -1, Kind.REDEEM)]

    def taken(self, posting: Posting) -> list[Fact]:
        return [CouponRedeemed(self.slug)]
