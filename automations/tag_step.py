"""What steps that give or take a tag share: all but the words and the deed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Skip
from loyalty.customers.details import LONGEST_TAG

if TYPE_CHECKING:
    from automations.place import Place


class TagStep(Step):
    """A type says what it `did` to the tag, and why there was nothing to do."""

    group = "customer"
    icon = "tag"
    tone = "customer"
    fields = ("tag",)
    writes_customer = True
    takes = {"tag": inputs.text(LONGEST_TAG, required=True)}
    did: ClassVar[Promise]
    nothing_to_do: ClassVar[Promise]

    tag = models.CharField(gettext_lazy("tag"), max_length=LONGEST_TAG)

    class Meta:
        abstract = True

    def changes(self, place: "Place") -> bool:
        """Do it; whether that changed the customer, whom there is."""
        raise NotImplementedError

    def summary(self) -> str:
        return self.tag

    def parameters(self) -> dict[str, Any]:
        return {"tag": self.tag}

    def run(self, place: "Place") -> Outcome:
        return self.run_many([place])[0]

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        nobody = Skip(_("There is no customer."))
        done, needless = Done(note=self.did % self.tag), Skip(str(self.nothing_to_do))
        return [
            nobody if place.customer is None else done if self.changes(place) else needless
            for place in places
        ]
