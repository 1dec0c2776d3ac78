"""How cards earn."""

from django.db import models
from django.utils.translation import gettext_lazy as _

ONCE = 100  # percent: as much as always
# The settings of a program by which its cards earn, and those that limit or delay that.
EARNING = ("mechanics", "earn_amount", "earn_per_cents")
LIMITS = ("cap_amount", "cap_period", "pending_days")
LONGEST_PENDING = 365  # days
# So that ten times as much, in hundredths, is still a number of 32 bits.
MOST_EARNED, MOST_CENTS = 10**6, 10**7


class Mechanics(models.TextChoices):
    """What a customer does to earn on a card; `HAND` is called after what is counted."""

    HAND = "hand", _("By hand: staff type the number")
    VISIT = "visit", _("Visit: a fixed number for each visit")
    SPEND = "spend", _("Spend: a number for each amount spent")


class CapPeriod(models.TextChoices):
    """For how long what a card has earned is counted; on the business's clock."""

    DAY = "day", _("a day")
    WEEK = "week", _("a week")
    MONTH = "month", _("a month")
