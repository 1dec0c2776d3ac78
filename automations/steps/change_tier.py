from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import durations, inputs
from automations.columns import DurationColumn
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Skip
from automations.problems import refuse
from loyalty import cleaning, zones
from loyalty.cleaning import Unfit
from loyalty.models import Tier

if TYPE_CHECKING:
    from automations.place import Place


def _until(value: Any) -> date | str:
    """A day, or a duration as plain ISO text; raises Unfit."""
    if isinstance(value, str) and value.startswith("P"):
        return durations.require_time(durations.read(value)).iso
    found = cleaning.day(value)
    if found is None:
        raise Unfit(_("Say a day, e.g. 2026-12-31, or how long, e.g. P90D."))
    return found


class ChangeTier(Step):
    """Put the customer on a tier, and keep them there until a day or for a time, if it is said."""

    type = "change_tier"
    label = gettext_lazy("Change tier")
    help = gettext_lazy("Kept until a day, or else until the ladder looks at them again.")
    group = "customer"
    icon = "tier"
    tone = "customer"
    fields = ("tier", "until", "lasts")
    writes_customer = True
    takes = {
        "tier": inputs.text(60, required=True),
        "until": inputs.Input(_until, {"type": "string", "maxLength": durations.LONGEST_TEXT}),
    }

    tier = models.ForeignKey(
        Tier, models.PROTECT, related_name="changes_to", verbose_name=gettext_lazy("tier")
    )
    until = models.DateField(
        gettext_lazy("keep until"),
        null=True,
        blank=True,
        help_text=gettext_lazy("The last day on which nothing else moves them."),
    )
    lasts = DurationColumn(
        gettext_lazy("or for"),
        blank=True,
        help_text=gettext_lazy("Neither: the next review or purchase may change it again."),
    )

    class Meta:
        verbose_name = gettext_lazy("change of tier")
        verbose_name_plural = gettext_lazy("changes of tier")

    def load(self) -> None:
        self.tier  # noqa: B018 (fetched here, because `run` asks the database nothing)

    def clean(self) -> None:
        if self.until is not None and self.lasts:
            raise ValidationError({"lasts": _("Say a day or how long, not both.")})

    def summary(self) -> str:
        return " · ".join(filter(None, (self.tier.name, self._kept())))

    def _kept(self) -> str:
        if self.until is not None:
            day = formats.date_format(self.until, "DATE_FORMAT")
            return _("until %(day)s") % {"day": day}
        return _("for %(time)s") % {"time": durations.read(self.lasts).words} if self.lasts else ""

    def parameters(self) -> dict[str, Any]:
        until = self.until.isoformat() if self.until else self.lasts
        return {"tier": self.tier.slug} | ({"until": until} if until else {})

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = inputs.read(cls.takes, data, path)
        tier = Tier.objects.filter(slug=values["tier"]).first()
        if tier is None:
            text = _("There is no tier “%(slug)s”.") % {"slug": values["tier"]}
            raise refuse(f"{path}.tier", text)
        until = values.get("until")
        lasts = until if isinstance(until, str) else ""
        return {"tier": tier, "until": None if lasts else until, "lasts": lasts}

    def run(self, place: "Place") -> Outcome:
        return self.run_many([place])[0]

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        moved, had = Done(note=self.tier.name), Skip(_("The customer has this tier."))
        nobody, over = Skip(_("There is no customer.")), Skip(_("The day has passed."))
        outcomes: list[Outcome] = []
        for place in places:
            until = self._ends(place)
            if place.customer is None:
                outcomes.append(nobody)
            elif until is not None and until <= place.now:
                outcomes.append(over)
            else:
                outcomes.append(moved if place.put_on(self.tier, until) else had)
        return outcomes

    def _ends(self, place: "Place") -> datetime | None:
        """When nothing keeps them any more, by the clocks where the customer lives."""
        if self.until is not None:
            return zones.day_after(self.until, place.zone)
        if not self.lasts:
            return None
        lasts = durations.read(self.lasts)
        return zones.later(place.now, lasts.days, lasts.seconds, place.zone)
