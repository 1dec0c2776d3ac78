from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from polymorphic.models import PolymorphicModel
from simple_history.models import HistoricalRecords

if TYPE_CHECKING:
    from loyalty.postings import Change, Held, Posting


class Mechanics(models.TextChoices):
    """What a customer does to earn on a card; `HAND` is called after what is counted."""

    HAND = "hand", _("By hand: staff type the number")
    VISIT = "visit", _("Visit: a fixed number for each visit")
    SPEND = "spend", _("Spend: a number for each amount spent")


class Program(PolymorphicModel):
    """What a business offers on a card; the types stand in `loyalty/programs`, one file each.

    Earning by spend is the fraction `earn_amount` per `earn_per_cents` minor units of an order's
    net, so that no float ever counts money: 1 point per 1.00 is 1 per 100.
    """

    # The type's name on the outside ("stamp"), its units with a word for each, what it earns and
    # spends by default.
    type: ClassVar[str] = ""
    label: ClassVar[str | Promise] = ""
    units: ClassVar[Mapping[str, str | Promise]] = {}
    earns: ClassVar[str] = ""
    spends: ClassVar[str] = ""
    # What `{}` redeems at the till (None: the amount must be said).
    redeems: ClassVar[int | None] = None
    # Whether what was spent but not enough for one more stays on the card (else: floor per order).
    keeps_remainder: ClassVar[bool] = False
    # Whether what it earns is spent on the program's own rewards, each at its price.
    offers_rewards: ClassVar[bool] = False

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120, help_text=_("Shown to staff and customers."))
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    color = models.CharField(_("color"), max_length=7, default="#4f46e5")
    mechanics = models.CharField(
        _("mechanics"), max_length=8, choices=Mechanics, default=Mechanics.HAND
    )
    earn_amount = models.PositiveIntegerField(_("earns"), default=1)
    earn_per_cents = models.PositiveIntegerField(
        _("per amount spent"), default=100, help_text=_("In minor units: 100 is 1.00.")
    )
    lot_life_days = models.PositiveIntegerField(
        _("life in days"),
        null=True,
        blank=True,
        help_text=_("How long what was earned lives; empty: for ever."),
    )
    issue_on_order = models.BooleanField(
        _("issue on first order"),
        default=False,
        help_text=_("Give a card to whoever pays an order and has none."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    history = HistoricalRecords(inherit=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(earn_per_cents__gt=0, earn_amount__gt=0),
                name="earning_is_a_positive_fraction",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def entries(self, posting: "Posting", held: "Mapping[str, Held]") -> "list[Change]":
        """What one posting does to the card's accounts, in order; raises `IllegalOperation`."""
        raise NotImplementedError

    def marks(self) -> list[tuple[str, int, str]]:
        """The counts that mean something on this card: (unit, count, `reward`)."""
        return []
