from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.quick import QuickToRead
from loyalty.models.search_key import NameKey, PhoneKey, SearchKey
from loyalty.zones import validate_time_zone


def new_tags() -> list[str]:
    return []


def new_attributes() -> dict[str, Any]:
    return {}


class CustomerQuerySet(models.QuerySet["Customer"]):
    def present(self) -> "CustomerQuerySet":
        """Customers who have not been erased."""
        return self.filter(erased_at=None)

    def known_as(self, **names: str) -> "CustomerQuerySet":
        """With exactly that email, phone or external id, in the form in which it is kept. None has
        an empty one: the unique indexes leave "" out, and SQLite uses one only where that is said.
        """
        rows = self.filter(**names)
        for name in names:
            rows = rows.exclude(**{name: ""})
        return rows


class Customer(QuickToRead):
    """Someone who returns to the shop. Written by `loyalty.customers` alone.

    Email is stored case-folded, the phone as E.164; each of them, and `external_id`, belongs to
    one customer at most. An erased customer keeps its row, emptied: the ledger points at it.
    """

    email = models.CharField(_("email"), max_length=254, blank=True)
    phone = models.CharField(
        _("phone"),
        max_length=16,
        blank=True,
        validators=[
            RegexValidator(r"^\+[1-9]\d{6,14}$", _("International form, e.g. +41441234567."))
        ],
    )
    external_id = models.CharField(_("external id"), max_length=120, blank=True)
    first_name = models.CharField(_("first name"), max_length=120, blank=True)
    last_name = models.CharField(_("last name"), max_length=120, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, validators=[validate_time_zone]
    )
    tags = models.JSONField(_("tags"), default=new_tags, blank=True)
    attributes = models.JSONField(_("attributes"), default=new_attributes, blank=True)
    consents = models.JSONField(
        _("consents"),
        default=new_attributes,
        blank=True,
        help_text=_("Channel → true or false; the history is in Consent."),
    )
    created_at = models.DateTimeField(_("joined"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)

    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="pointers",
        help_text=_("Who they are now; such a row keeps only what still finds that customer."),
    )

    # What customers are searched by.
    first_key = NameKey(of="first_name", max_length=120)
    last_key = NameKey(of="last_name", max_length=120)
    phone_key = PhoneKey(of="phone", max_length=16)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        permissions = [("export_customer", _("May take customers and what is theirs as a file"))]
        constraints = [
            models.UniqueConstraint(
                fields=["email"], condition=~Q(email=""), name="an_email_belongs_to_one_customer"
            ),
            models.UniqueConstraint(
                fields=["phone"], condition=~Q(phone=""), name="a_phone_belongs_to_one_customer"
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="an_external_id_belongs_to_one_customer",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="customer_by_joining"),
            models.Index(fields=["last_name", "first_name"], name="customer_by_name"),
            *(
                models.Index(fields=[name], opclasses=["text_pattern_ops"], name=f"search_{name}")
                for name in ("first_key", "last_key", "phone_key", "email")
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.phone or f"#{self.pk}"

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def subject(self) -> str:
        """What events and journeys of this customer are filed under."""
        return f"customer:{self.pk}"

    def fill_keys(self) -> None:
        """For whoever writes rows by `loyalty.bulk`, which asks no field what it is."""
        for field in self._meta.concrete_fields:
            if isinstance(field, SearchKey):
                field.fill(self)

    def consents_to(self, channel: str) -> bool:
        """Whether they said yes to that channel; silence is a no."""
        return self.erased_at is None and self.consents.get(channel) is True
