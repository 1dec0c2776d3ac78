from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.errors import AmountRequired
from loyalty.figures import Figure
from loyalty.models.mechanics import Mechanics
from loyalty.models.program import Program
from loyalty.models.program_settings import LONGEST_LIFE
from loyalty.postings import Change, Held, Kind, Posting

if TYPE_CHECKING:
    from loyalty.models import Card


class MultipassProgram(Program):
    """Visits that were paid ahead, by the pack. A visit may earn points besides."""

    type = "multipass"
    label = gettext_lazy("Multipass")
    about = gettext_lazy("A pack of visits, paid ahead and used one by one.")
    wallet_style = "eventTicket"
    units = {"visits": gettext_lazy("visits"), "points": gettext_lazy("points")}
    earns = "visits"
    spends = "visits"
    legal = {
        Kind.ACCRUE: ("visits", "points"),
        Kind.REDEEM: ("visits", "points"),
        Kind.TRANSFER: ("visits", "points"),
    }
    redeems = 1
    comes_for = Kind.REDEEM
    is_for_kiosks = True
    has_happy_hours = False
    mechanics_offered = (Mechanics.HAND,)
    settings = ("lot_life_days", "lot_life_restarts", "allows_transfer")

    pack = models.PositiveIntegerField(
        gettext_lazy("visits in a pack"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text=gettext_lazy("What a new card begins with."),
    )
    points_per_visit = models.PositiveIntegerField(
        gettext_lazy("points for a visit"), default=0, validators=[MaxValueValidator(10_000)]
    )
    points_life_days = models.PositiveIntegerField(
        gettext_lazy("life of points in days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_LIFE)],
        help_text=gettext_lazy("Empty: for ever."),
    )

    class Meta:
        verbose_name = gettext_lazy("multipass")
        verbose_name_plural = gettext_lazy("multipasses")

    @property
    def is_one_per_customer(self) -> bool:
        return False

    @property
    def may_be_joined(self) -> bool:
        """A pack is paid for."""
        return False

    def opening(self, amount: int | None) -> int:
        if amount is not None and amount < 1:
            raise AmountRequired
        return amount or self.pack

    @property
    def handy(self) -> tuple[int, ...]:
        return (self.pack,)

    def life_of(self, unit: str) -> int | None:
        return self.points_life_days if unit == "points" else self.lot_life_days

    def figures(self, held: Mapping[str, Held], card: "Card") -> list[Figure]:
        shown = [Figure("visits", _("Visits left"), held["visits"].balance)]
        points = held["points"].balance
        if self.points_per_visit or points:
            shown.append(Figure("points", _("Points"), points))
        return shown

    def entries(self, posting: Posting, held: Mapping[str, Held], card: "Card") -> list[Change]:
        match posting.kind, posting.unit:
            case Kind.ISSUE, _unit:
                return [Change("visits", posting.amount, Kind.ISSUE)]
            case Kind.REDEEM, "visits":
                bonus = posting.amount * self.points_per_visit
                earned = [Change("points", bonus, Kind.ACCRUE)] if bonus else []
                return [Change("visits", -posting.amount, Kind.REDEEM), *earned]
            case Kind.REDEEM, unit:
                return [Change(unit, -posting.amount, Kind.REDEEM)]
        return [Change(posting.unit, posting.amount, posting.kind)]
