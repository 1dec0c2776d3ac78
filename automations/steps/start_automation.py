from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs
from automations.models.automation import Automation
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Skip
from automations.problems import Around, refuse
from loyalty import events

if TYPE_CHECKING:
    from automations.place import Place


class StartAutomation(Step):
    """Ask another automation to take this customer and card, if its entry rules let them in.

    The journey goes on at once; the other one starts in a later batch.
    """

    type = "start_automation"
    label = gettext_lazy("Start automation")
    help = gettext_lazy("Starts another automation for the same customer, and goes on here.")
    group = "flow"
    icon = "start"
    tone = "fork"
    fields = ("automation",)
    takes = {"automation": inputs.text(80, required=True)}

    automation = models.ForeignKey(
        Automation,
        models.PROTECT,
        related_name="started_by",
        limit_choices_to={"deleted_at": None},
        verbose_name=gettext_lazy("automation"),
        help_text=gettext_lazy("It must be Working; its own rules say who may enter."),
    )

    class Meta:
        verbose_name = gettext_lazy("start of an automation")
        verbose_name_plural = gettext_lazy("starts of automations")

    def load(self) -> None:
        self.automation  # noqa: B018 (fetched here, because `run` asks the database nothing)

    def summary(self) -> str:
        return self.automation.name

    def parameters(self) -> dict[str, Any]:
        return {"automation": self.automation.slug}

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        slug = inputs.read(cls.takes, data, path)["automation"]
        found = Automation.objects.filter(slug=slug, deleted_at=None).first()
        if found is None:
            text = _("There is no automation “%(slug)s”.") % {"slug": slug}
            raise refuse(f"{path}.automation", text)
        return {"automation": found}

    def problems(self, around: Around) -> list[str | Promise]:
        if self.automation.deleted_at is not None:
            return [_("The automation it starts was deleted.")]
        if self.automation_id == self.version.automation_id:
            return [_("An automation does not start itself: go to one of its steps.")]
        return []

    def run(self, place: "Place") -> Outcome:
        if place.customer is None:
            return Skip(_("There is no customer to start it for."))
        asked = events.AutomationRequested(automation=self.automation_id, slug=self.automation.slug)
        place.desk.events.append(
            events.draft(
                asked,
                key=place.key,
                customer_id=place.customer.pk,
                card_id=place.card.pk if place.card else None,
                cause=place.cause,
                now=place.now,
            )
        )
        return Done(note=self.automation.name)
