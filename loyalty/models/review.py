from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loyalty.models.card import Card
from loyalty.models.customer import Customer
from loyalty.models.location import Location
from loyalty.models.program import Program

WORST, BEST = 1, 5
STARS = [MinValueValidator(WORST), MaxValueValidator(BEST)]


class ReviewPage(models.Model):
    """What a program does with reviews: how often it takes one, and what it says to whom."""

    program = models.OneToOneField(
        Program, models.CASCADE, related_name="review_page", verbose_name=_("program")
    )
    is_active = models.BooleanField(_("asks for reviews"), default=True)
    good_from = models.PositiveSmallIntegerField(
        _("good from"), default=4, validators=STARS, help_text=_("Stars.")
    )
    public_url = models.URLField(
        _("public page"),
        blank=True,
        help_text=_("Shown after a good review, to say it there as well: Google, Tripadvisor …"),
    )
    thanks_good = models.CharField(_("thanks for a good one"), max_length=250, blank=True)
    thanks_bad = models.CharField(_("thanks for a bad one"), max_length=250, blank=True)
    days_between = models.PositiveSmallIntegerField(
        _("days between two"),
        default=30,
        validators=[MaxValueValidator(3_650)],
        help_text=_("Of one customer."),
    )

    class Meta:
        ordering = ["program__name"]
        verbose_name = _("review page")
        verbose_name_plural = _("review pages")

    def __str__(self) -> str:
        return str(self.program)

    def clean(self) -> None:
        if self.public_url and not self.public_url.startswith("https://"):
            raise ValidationError({"public_url": _now("This must begin with https://.")})


class ReviewState(models.TextChoices):
    """What staff did with it."""

    NEW = "new", _("New")
    ANSWERED = "answered", _("Answered")
    HIDDEN = "hidden", _("Hidden")


class Review(models.Model):
    """What a customer said of the business; written by `loyalty.reviews`."""

    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="reviews",
        verbose_name=_("customer"),
        db_index=False,
    )
    card = models.ForeignKey(
        Card,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reviews",
        verbose_name=_("card"),
        db_index=False,
    )
    location = models.ForeignKey(
        Location,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reviews",
        verbose_name=_("location"),
        db_index=False,
    )
    rating = models.PositiveSmallIntegerField(_("stars"), validators=STARS)
    text = models.TextField(_("text"), blank=True)
    key = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField(_("left"), default=timezone.now)
    state = models.CharField(_("state"), max_length=8, choices=ReviewState, default=ReviewState.NEW)
    note = models.TextField(_("note"), blank=True, help_text=_("For staff."))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__gte=WORST, rating__lte=BEST), name="a_review_has_five_stars"
            )
        ]
        indexes = [models.Index(fields=["customer", "-at"], name="reviews_by_customer")]

    def __str__(self) -> str:
        return "★" * self.rating
