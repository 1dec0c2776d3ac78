from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.models.mechanics import (
    LONGEST_PENDING,
    MOST_CENTS,
    MOST_EARNED,
    CapPeriod,
    Mechanics,
)
from loyalty.money import IS_CURRENCY

LONGEST_LIFE = 36_500  # days; a hundred years
LONGEST_CLAIM = 30 * 24  # hours


class ProgramSettings(models.Model):
    """What staff may set of a program of any type; `Program.settings` says what means something.

    Earning by spend is the fraction `earn_amount` per `earn_per_cents` minor units of an order's
    net, so that no float ever counts money: 1 point per 1.00 is 1 per 100.
    """

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120, help_text=_("Shown to staff and customers."))
    currency = models.CharField(
        _("currency"), max_length=3, default="USD", validators=[IS_CURRENCY]
    )
    color = models.CharField(_("color"), max_length=7, default="#4f46e5")
    mechanics = models.CharField(
        _("mechanics"), max_length=8, choices=Mechanics, default=Mechanics.HAND
    )
    earn_amount = models.PositiveIntegerField(
        _("earns"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_EARNED)]
    )
    earn_per_cents = models.PositiveIntegerField(
        _("per amount spent"),
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_CENTS)],
    )
    lot_life_days = models.PositiveIntegerField(
        _("life in days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_LIFE)],
        help_text=_("How long what was earned lives; empty: for ever."),
    )
    lot_life_restarts = models.BooleanField(
        _("each earning starts that anew"),
        default=False,
        help_text=_("All of it is over when nothing was earned for so long."),
    )
    cap_amount = models.PositiveIntegerField(
        _("earns at most"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("By visits and purchases, on one card; empty: no limit."),
    )
    cap_period = models.CharField(
        _("within"), max_length=5, choices=CapPeriod, default=CapPeriod.DAY
    )
    pending_days = models.PositiveSmallIntegerField(
        _("days until it counts"),
        default=0,
        validators=[MaxValueValidator(LONGEST_PENDING)],
        help_text=_("What an order earns is given then, e.g. when it cannot be returned any more."),
    )
    card_ends_on = models.DateField(
        _("cards end on"),
        null=True,
        blank=True,
        help_text=_("The last day on which a card can be used; empty: it does not matter."),
    )
    card_life_days = models.PositiveIntegerField(
        _("life of a card in days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_LIFE)],
        help_text=_("Counted from its issue; empty: for ever."),
    )
    issue_on_order = models.BooleanField(
        _("issue on first order"),
        default=False,
        help_text=_("Give a card to whoever pays an order and has none."),
    )
    allows_transfer = models.BooleanField(
        _("transfers"),
        default=False,
        help_text=_("What one card holds may go to another one that counts the same."),
    )
    by_hand_limit = models.PositiveIntegerField(
        _("most by hand"),
        null=True,
        blank=True,
        help_text=_("What one of the staff gives or takes beyond this, a second must agree to."),
    )
    claim_hours = models.PositiveSmallIntegerField(
        _("hours to fetch a claim"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_CLAIM)],
        help_text=_("Then what was claimed is back on the card. Also for what a checkout holds."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        abstract = True
