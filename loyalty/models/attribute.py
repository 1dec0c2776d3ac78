from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

MOST_CHOICES = 100
LONGEST_CHOICE = 120


class AttributeType(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    CHOICE = "choice", _("Choice from a list")
    BOOLEAN = "boolean", _("Yes or no")


def no_choices() -> list[str]:
    return []


class Attribute(models.Model):
    """Something a shop keeps of its customers, of a type of its own. What customers have of it is
    in `Customer.attributes`, under its slug."""

    slug = models.CharField(
        _("name in conditions and texts"),
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(
                r"^[A-Za-z_][A-Za-z0-9_-]{0,59}\Z",
                _("Letters, digits, - and _; it begins with a letter."),
            )
        ],
        help_text=_("E.g. shoe_size. It cannot be changed later."),
    )
    label = models.CharField(_("label"), max_length=120, help_text=_("What people read."))
    type = models.CharField(
        _("type"), max_length=8, choices=AttributeType, default=AttributeType.TEXT
    )
    choices = models.JSONField(_("choices"), default=no_choices, blank=True)
    is_on_join_page = models.BooleanField(_("asked on the join page"), default=False)
    is_customers_own = models.BooleanField(_("customers may change it themselves"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "label"]
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """A choice needs something to choose from, and nothing else has choices."""
        if self.type != AttributeType.CHOICE:
            self.choices = []
            return
        choices = self.choices
        is_list = isinstance(choices, list) and all(isinstance(each, str) for each in choices)
        if not is_list or not choices or len(choices) > MOST_CHOICES:
            said = _now("Say 1 to %(most)d choices.") % {"most": MOST_CHOICES}
            raise ValidationError({"choices": said})
        if any(not each or len(each) > LONGEST_CHOICE for each in choices):
            said = _now("A choice has 1 to %(most)d characters.") % {"most": LONGEST_CHOICE}
            raise ValidationError({"choices": said})
