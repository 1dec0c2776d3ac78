from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise, cached_property
from django.utils.text import get_text_list
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from polymorphic.models import PolymorphicModel
from simple_history.models import HistoricalRecords

from loyalty import money, zones
from loyalty.cleaning import LAST_YEAR
from loyalty.errors import IllegalOperation
from loyalty.figures import Shown
from loyalty.models.mechanics import ONCE, Mechanics
from loyalty.models.program_settings import ProgramSettings
from loyalty.models.till import AtTheTill
from loyalty.postings import Change, Held, Kind, Posting

if TYPE_CHECKING:
    from loyalty.events.facts.fact import Fact
    from loyalty.models.card import Card
    from loyalty.models.happy_hour import HappyHour
    from loyalty.models.plan import Plan
    from loyalty.models.rate import Rate
    from loyalty.models.reward import Reward


class Program(AtTheTill, Shown, ProgramSettings, PolymorphicModel):
    """What a business offers on a card; the types stand in `loyalty/programs`, one file each.

    What staff set of it is in `ProgramSettings`.
    """

    # The type's name on the outside ("stamp"), its units with a word for each, what it earns and
    # spends by default.
    type: ClassVar[str] = ""
    label: ClassVar[str | Promise] = ""
    # What it is, in a sentence for whoever chooses among the types.
    about: ClassVar[str | Promise] = ""
    units: ClassVar[Mapping[str, str | Promise]] = {}
    earns: ClassVar[str] = ""
    spends: ClassVar[str] = ""
    # Those that are money, in minor units.
    money_units: ClassVar[tuple[str, ...]] = ()
    # Which units each kind of posting may name; whatever is not here is refused.
    legal: ClassVar[Mapping[Kind, tuple[str, ...]]] = {}
    # Whether customers spend what they hold; else a redemption is a correction by hand.
    is_spent: ClassVar[bool] = True
    # Whether they are bought for somebody else, and delivered on a day.
    is_given_to_others: ClassVar[bool] = False
    # How cards of this type earn; the first is what a new program begins with.
    mechanics_offered: ClassVar[tuple[str, ...]] = tuple(Mechanics.values)
    # Which of the settings below mean something here, beside the type's own.
    settings: ClassVar[tuple[str, ...]] = ("lot_life_days", "lot_life_restarts")
    # How long its cards may live; nothing where they end by themselves.
    lives: ClassVar[tuple[str, ...]] = ("card_ends_on", "card_life_days")
    # Whether what was spent is counted beside what it earns, and its percentages rise with that.
    counts_spent: ClassVar[bool] = False
    has_rates: ClassVar[bool] = False
    # What a card of it begins with where a coupon turned into it.
    first: ClassVar[int] = 0
    # Whether it gives more in happy hours, and is sold by plans.
    has_happy_hours: ClassVar[bool] = True
    has_plans: ClassVar[bool] = False
    # Whether what was spent but not enough for one more stays on the card (else: floor per order),
    # and whether it has rewards of its own.
    keeps_remainder: ClassVar[bool] = False
    offers_rewards: ClassVar[bool] = False

    version = models.BigIntegerField(
        default=0,
        editable=False,
        help_text=_("Another number after each change; the database sets it."),
    )

    history = HistoricalRecords(inherit=True, excluded_fields=["version"])

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

    def __init__(self, *args: Any, **values: Any) -> None:
        if not args:  # a row of the database comes as a list
            values.setdefault("mechanics", self.mechanics_offered[0])
        super().__init__(*args, **values)

    def clean(self) -> None:
        super().clean()
        if self.card_ends_on is not None and self.card_ends_on.year > LAST_YEAR:
            raise ValidationError({"card_ends_on": _now("That is too far away.")})
        if self.mechanics not in self.mechanics_offered:
            said = _now("A card of this type does not earn like that.")
            raise ValidationError({"mechanics": said} if "mechanics" in self.settings else said)

    def currency_of(self, unit: str) -> str:
        """What that unit is money of; "" where it is none."""
        return self.currency if unit in self.money_units else ""

    def word_of(self, unit: str) -> str:
        """What stands beside a number of that unit: a currency, or a word of ours."""
        return self.currency_of(unit) or str(self.units.get(unit, unit))

    def amount_of(self, unit: str, n: int) -> str:
        """“3 stamps”, “$4.50”."""
        currency = self.currency_of(unit)
        return money.written(n, currency) if currency else f"{n} {self.word_of(unit)}"

    def price_of(self, reward: "Reward") -> tuple[str, int]:
        """What is taken for a reward: so much of that unit."""
        return self.spends, reward.price

    def has_reached(self, reward: "Reward", held: Mapping[str, Held]) -> bool:
        """Whether a reward may be taken that is not simply paid for."""
        return True

    def row_began(self, card: "Card") -> int | None:
        """The operation (its id) after which each reward is taken once; None: if it is paid for."""
        return None

    # --- what a posting does --------------------------------------------------------------

    def require_legal(
        self, posting: Posting, card: "Card", now: datetime, zone: Callable[[], str]
    ) -> None:
        """Refuse what this type of card never does, or this card not now; raises
        `IllegalOperation` and other refusals of `loyalty.errors`. The card's accounts are locked,
        `zone` says the business's.
        """
        if posting.kind != Kind.ISSUE and posting.unit not in self.legal.get(posting.kind, ()):
            raise IllegalOperation(self._why_illegal(posting.kind))

    def _why_illegal(self, kind: Kind) -> str:
        """In words for the till; empty: the refusal's own."""
        if units := [str(self.units[unit]) for unit in self.legal.get(kind, ())]:
            words = {"type": self._meta.verbose_name, "units": get_text_list(units, _now("and"))}
            return _now("A %(type)s counts %(units)s.") % words
        what = {Kind.ACCRUE: _now("earn"), Kind.REDEEM: _now("redeem")}.get(kind)
        said = _now("A card of this type (%(type)s) has nothing to %(what)s.")
        return said % {"type": self.label, "what": what} if what else ""

    def entries(self, posting: Posting, held: Mapping[str, Held], card: "Card") -> list[Change]:
        """What one legal posting does to the card's accounts, in order."""
        raise NotImplementedError

    def opening(self, amount: int | None) -> int:
        """What a new card is issued with, of what it earns, where that much was asked for; raises
        `IllegalOperation` and `AmountRequired`."""
        if amount is not None:
            raise IllegalOperation(_now("A card of this type begins empty."))
        return 0

    def overflow(self, held: Mapping[str, Held]) -> list[Change]:
        """What follows when a card was given that much without having earned it."""
        return []

    def taken(self, posting: Posting) -> "list[Fact]":
        """What is told of a redemption, besides the change of a balance and its reward."""
        return []

    def begin(self, card: "Card", opening: int | None, now: datetime, zone: str) -> int:
        """Fill in what a new card of this type has; says how much it is issued with."""
        card.expires_at = self.card_ends(now, zone)
        return self.opening(opening)

    def take_over(
        self, card: "Card", plan: "Plan", left: int | None, now: datetime, zone: str
    ) -> int:
        """The same for a card that somebody had elsewhere, on that plan, with so many visits left
        of its period (None: all of them)."""
        raise IllegalOperation(_now("This card has no plan."))

    @property
    def becomes(self) -> "Program | None":
        """The program of which whoever redeems a card of this one gets a card."""
        return None

    def bill(self, purchase_cents: int, held: Mapping[str, Held], percent: int) -> dict[str, Any]:
        """What the till says of a purchase, beside what the card holds; `percent` as in `rate`."""
        return {}

    @property
    def may_be_joined(self) -> bool:
        """Whether a stranger may have a card of it for nothing."""
        return True

    # --- what holds for a card ------------------------------------------------------------

    @property
    def is_one_per_customer(self) -> bool:
        """Whether issuing again gives the card that a customer has."""
        return True

    def rate(self, held: Mapping[str, Held], percent: int) -> tuple[int, int]:
        """What an order earns on a card that holds that: so much for so many minor units.

        `percent` is what a happy hour makes of it; 100: nothing. A card that keeps a remainder
        gives whole units for the same amount.
        """
        if self.keeps_remainder or percent == ONCE:
            return self.earn_amount * percent // ONCE, self.earn_per_cents
        return self.earn_amount * percent, self.earn_per_cents * ONCE

    def percent_at(self, moment: datetime, zone: str) -> int:
        """How much of what it gives it gives then: 100, and more in a happy hour."""
        wall = moment.astimezone(zones.zone(zone))
        return max((each.percent for each in self.hours if each.is_on(wall)), default=ONCE)

    def can(self, held: Mapping[str, Held], card: "Card") -> tuple[str, ...]:
        """What the till may do with a card that is in use: `accrue`, `redeem`."""
        return ("accrue", "redeem")

    def life_of(self, unit: str) -> int | None:
        """After how many days what was earned of that unit is over; None: never."""
        return self.lot_life_days if unit == self.earns else None

    def lapses(self, unit: str) -> bool:
        """Whether all of it is over together, when nothing was earned for that long."""
        return self.lot_life_restarts and self.life_of(unit) is not None

    def lot_ends(
        self, unit: str, card: "Card", now: datetime, zone: Callable[[], str]
    ) -> datetime | None:
        """When what is earned now is over; None: never. `zone` says the business's."""
        days = self.life_of(unit)
        return None if days is None else zones.later(now, days, 0, zone())

    def still_means(
        self, done_at: datetime, card: "Card", now: datetime, zone: Callable[[], str]
    ) -> bool:
        """Whether undoing what was done then still changes what the card holds."""
        return True

    def card_ends(self, now: datetime, zone: str) -> datetime | None:
        """When a card that is issued now cannot be used any more; None: never."""
        ends = []
        if self.card_ends_on is not None:
            ends.append(zones.day_after(self.card_ends_on, zone))
        if self.card_life_days is not None:
            ends.append(zones.later(now, self.card_life_days, 0, zone))
        return min(ends, default=None)

    @cached_property
    def offers(self) -> "list[Reward]":
        """Its rewards, those that are not offered now included; asked once for as long as this
        object lives."""
        return list(self.rewards.all())

    @cached_property
    def steps(self) -> "list[Rate]":
        """Its rates, lowest first; asked once for as long as this object lives."""
        return list(self.rates.all())

    @cached_property
    def hours(self) -> "list[HappyHour]":
        """Its happy hours; asked once for as long as this object lives."""
        return list(self.happy_hours.all())

    def marks(self) -> list[tuple[str, int, str]]:
        """The counts that mean something on this card: (unit, count, `reward`)."""
        return []
