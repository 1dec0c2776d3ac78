from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loyalty.models.picture import Picture
from loyalty.models.program import Program


class Asked(models.TextChoices):
    """Whether a join page asks for something."""

    NO = "no", _("Not asked")
    OPTIONAL = "optional", _("May be left empty")
    REQUIRED = "required", _("Must be said")


def _asked(label: Any, default: Asked) -> models.CharField:
    return models.CharField(label, max_length=8, choices=Asked, default=default)


def _words(label: Any, default: str = "") -> models.CharField:
    return models.CharField(
        label,
        max_length=300,
        blank=True,
        default=default,
        help_text=_("The exact words are kept as proof; empty: not asked."),
    )


class Storefront(models.Model):
    """How customers see a program: its pictures and words, and what its join page asks for."""

    FIELDS = ("first_name", "last_name", "email", "phone", "birthday")

    program = models.OneToOneField(
        Program, models.CASCADE, related_name="storefront", verbose_name=_("program")
    )
    is_open = models.BooleanField(
        _("anybody may join"), default=True, help_text=_("Off: cards come from staff alone.")
    )
    welcome = models.TextField(
        _("welcome"), blank=True, max_length=600, help_text=_("Above the join page's fields.")
    )
    first_name = _asked(_("First name"), Asked.OPTIONAL)
    last_name = _asked(_("Last name"), Asked.NO)
    email = _asked(_("Email"), Asked.REQUIRED)
    phone = _asked(_("Phone"), Asked.NO)
    birthday = _asked(_("Birthday"), Asked.NO)
    email_consent = _words(
        _("consent to emails"), "Send me news and offers by email. I can change my mind any time."
    )
    sms_consent = _words(_("consent to text messages"))
    push_consent = _words(_("consent to notifications"))
    logo = models.ForeignKey(
        Picture,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="logo_of",
        verbose_name=_("logo"),
    )
    strip = models.ForeignKey(
        Picture,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="strip_of",
        verbose_name=_("strip"),
        help_text=_("A wide picture on the card."),
    )
    terms = models.TextField(_("terms"), blank=True, max_length=20_000)
    links = models.TextField(
        _("links"),
        blank=True,
        max_length=2_000,
        help_text=_("One a line, a name and an address: Our menu https://…"),
    )

    class Meta:
        verbose_name = _("customers' page")
        verbose_name_plural = _("customers' pages")

    def __str__(self) -> str:
        return self.program.name

    @classmethod
    def of(cls, program: Program) -> "Storefront":
        """The program's, or the defaults while nobody has saved one."""
        found = cls.objects.filter(program=program).select_related("logo", "strip").first()
        return found or cls(program=program)

    def clean(self) -> None:
        for line in filter(None, map(str.strip, self.links.splitlines())):
            name, _space, address = line.rpartition(" ")
            if not name or not address.startswith("https://"):
                said = _now("“%s” is not a name and an address that begins with https://.")
                raise ValidationError({"links": said % line[:80]})

    def asks(self) -> Iterator[tuple[str, bool]]:
        """What the join page asks for, and whether it must be said."""
        for name in self.FIELDS:
            if (asked := getattr(self, name)) != Asked.NO:
                yield name, asked == Asked.REQUIRED

    def consents(self) -> dict[str, str]:
        """The channels it asks consent for, each with its words."""
        said = {"email": self.email_consent, "sms": self.sms_consent, "push": self.push_consent}
        return {channel: words for channel, words in said.items() if words}

    def named_links(self) -> list[tuple[str, str]]:
        """Names with their addresses."""
        lines = (line.strip().rpartition(" ") for line in self.links.splitlines())
        return [(name.strip(), address) for name, _space, address in lines if name]
