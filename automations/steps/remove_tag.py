from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Skip
from loyalty.customers.details import LONGEST_TAG

if TYPE_CHECKING:
    from automations.place import Place


class RemoveTag(Step):
    """Take a tag from the customer; who does not have it is left alone."""

    type = "remove_tag"
    label = gettext_lazy("Remove tag")
    help = gettext_lazy("Whoever does not have it goes on.")
    group = "customer"
    icon = "tag"
    tone = "customer"
    fields = ("tag",)
    writes_customer = True
    takes = {"tag": inputs.text(LONGEST_TAG, required=True)}

    tag = models.CharField(gettext_lazy("tag"), max_length=LONGEST_TAG)

    class Meta:
        verbose_name = gettext_lazy("tag to remove")
        verbose_name_plural = gettext_lazy("tags to remove")

    def summary(self) -> str:
        return self.tag

    def parameters(self) -> dict[str, Any]:
        return {"tag": self.tag}

    def run(self, place: "Place") -> Outcome:
        return self.run_many([place])[0]

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        nobody = Skip(_("There is no customer."))
        gone = Done(note=_("Took away “%s”") % self.tag)
        had_not = Skip(_("The customer does not have this tag."))
        return [
            nobody if place.customer is None else gone if place.untag(self.tag) else had_not
            for place in places
        ]
