from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automations.models.step import Step
from automations.outcomes import Outcome, Stop

if TYPE_CHECKING:
    from automations.place import Place


class Exit(Step):
    """The customer leaves the automation here."""

    type = "exit"
    label = _("Exit")
    help = _("Ends the automation for this customer; nothing after it is done.")
    group = "flow"
    icon = "exit"
    tone = "end"
    ends_lane = True

    class Meta:
        verbose_name = _("exit")
        verbose_name_plural = _("exits")

    def parameters(self) -> dict[str, Any]:
        return {}

    def run(self, place: "Place") -> Outcome:
        return Stop(note=gettext("Left here."), finished=True)
