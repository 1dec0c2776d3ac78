from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Skip
from loyalty.attributes import LONGEST_TEXT
from loyalty.cleaning import Cleaner, Unfit, text
from loyalty.fields import ATTRIBUTE

if TYPE_CHECKING:
    from automations.place import Place

LONGEST_ATTRIBUTE = 60
_text: Cleaner = text(LONGEST_TEXT)


def _name(value: Any) -> str:
    if not isinstance(value, str) or not ATTRIBUTE.fullmatch(value):
        raise Unfit(_("Letters, digits, - and _; it begins with a letter."))
    return value


def _value(value: Any) -> str:
    """A number, true or false as well: they are kept as one types them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_text(str(value) if isinstance(value, int | float) else value))


class SetAttribute(Step):
    """Write down something of the customer; of one that is defined, in its type."""

    type = "set_attribute"
    label = gettext_lazy("Set attribute")
    help = gettext_lazy("Empty takes it away. Skips, with a note, what the attribute cannot be.")
    group = "customer"
    icon = "tag"
    tone = "customer"
    fields = ("name", "value")
    writes_customer = True
    takes = {
        "name": inputs.Input(
            _name,
            {"type": "string", "pattern": f"^{ATTRIBUTE.pattern}$"},
            required=True,
        ),
        "value": inputs.Input(
            _value, {"type": ["string", "number", "boolean"], "maxLength": LONGEST_TEXT}
        ),
    }

    name = models.CharField(
        gettext_lazy("attribute"),
        max_length=LONGEST_ATTRIBUTE,
        validators=[
            RegexValidator(
                rf"^{ATTRIBUTE.pattern}\Z",
                gettext_lazy("Letters, digits, - and _; it begins with a letter."),
            )
        ],
    )
    value = models.CharField(gettext_lazy("value"), max_length=LONGEST_TEXT, blank=True)

    class Meta:
        verbose_name = gettext_lazy("attribute to set")
        verbose_name_plural = gettext_lazy("attributes to set")

    def summary(self) -> str:
        return f"{self.name}: {self.value or '–'}"

    def parameters(self) -> dict[str, Any]:
        return {"name": self.name} | ({"value": self.value} if self.value else {})

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        return {"value": ""} | super().parse(data, path)

    def run(self, place: "Place") -> Outcome:
        return self.run_many([place])[0]

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        return [self._run(place) for place in places]

    def _run(self, place: "Place") -> Outcome:
        if place.customer is None:
            return Skip(_("There is no customer."))
        try:
            is_new = place.set_attribute(self.name, self.value)
        except Unfit as reason:
            return Skip(str(reason))
        words = {"name": self.name, "value": self.value or "–"}
        said = _("%(name)s is %(value)s") % words
        return Done(note=said) if is_new else Skip(_("It was so already."))
