"""Whom a step is for: the customer of its journey, or somebody to whom a referral ties them."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs


class To(models.TextChoices):
    CUSTOMER = "customer", gettext_lazy("The customer")
    REFERRER = "referrer", gettext_lazy("Who brought them")
    REFERRED = "referred", gettext_lazy("Whom they brought")


# For a step type: its last column, and how the editor folds it away.
COLUMNS = ("to",)
LABEL = gettext_lazy("For somebody else")
INPUT = inputs.one_of(*To.values)

NOBODY: Mapping[str, str | Promise] = {
    To.REFERRER: gettext_lazy("Nobody has brought this customer."),
    To.REFERRED: gettext_lazy("This customer has brought nobody."),
}


class Addressed(models.Model):
    """For step types that give, take or say something. The engine hands on what is for somebody
    else; the type acts for whoever stands at its place."""

    to = models.CharField(
        gettext_lazy("for"),
        max_length=8,
        choices=To,
        default=To.CUSTOMER,
        help_text=gettext_lazy(
            "Where a referral started it, those two; else whoever brought the customer, or whom "
            "the customer brought last. Names in texts and the card are theirs."
        ),
    )

    class Meta:
        abstract = True

    @property
    def whom(self) -> str:
        return self.to

    def said_for(self, summary: str) -> str:
        """The summary, with whom it is for where that is not the customer."""
        if self.to == To.CUSTOMER:
            return summary
        return _("%(what)s, for: %(whom)s") % {"what": summary, "whom": To(self.to).label}

    def portable_to(self) -> dict[str, Any]:
        return {} if self.to == To.CUSTOMER else {"to": self.to}
