from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.models.only_row import OnlyRow
from loyalty.models.picture import Picture
from loyalty.money import IS_CURRENCY
from loyalty.zones import validate_time_zone


class Business(OnlyRow):
    """The one business this install belongs to."""

    name = models.CharField(_("name"), max_length=120, default="My shop")
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_(
            "Used where neither the customer nor the location has one, e.g. Europe/Zurich."
        ),
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="USD", validators=[IS_CURRENCY]
    )
    address = models.TextField(
        _("postal address"),
        blank=True,
        help_text=_("Printed under marketing emails; most countries ask for it."),
    )

    color = models.CharField(
        _("color"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("A color such as #b45309."))],
        help_text=_("Of pages where customers see cards of several programs. Empty: ours."),
    )
    logo = models.ForeignKey(
        Picture,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="logo_of_business",
        verbose_name=_("logo"),
    )

    class Meta:
        verbose_name = _("business")
        verbose_name_plural = _("business")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="there_is_only_one_business")
        ]

    def __str__(self) -> str:
        return self.name
