from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs
from automations.inputs import MOST
from automations.triggers.base import TriggerType
from loyalty.models import Event, Program


class CountForm(forms.Form):
    count = forms.IntegerField(label=gettext_lazy("count"), min_value=1, max_value=MOST)


def _climbs_past(params: Mapping[str, Any], event: Event, *units: str) -> bool:
    """Once per crossing upward: it arms again when the balance has fallen below."""
    change = event.data
    return (
        event.name == "balance_changed"
        and change.get("unit") in units
        and bool(change["before"] < params["count"] <= change["after"])
    )


class StampCountReached(TriggerType):
    type = "stamp_count_reached"
    label = gettext_lazy("Stamp count reached")
    group = "balance"
    event = "balance_changed"
    has_card = True
    programs = ("stamp",)
    form = CountForm
    takes: ClassVar[inputs.Inputs] = {"count": inputs.whole(1, MOST, required=True)}

    @classmethod
    def matches(cls, params: Mapping[str, Any], event: Event) -> bool:
        return _climbs_past(params, event, "stamps")

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        return _("When a stamp card reaches %(count)s stamps") % {"count": params.get("count", "…")}

    @classmethod
    def problems(cls, params: Mapping[str, Any], programs: list[Program]) -> list[str | Promise]:
        found = super().problems(params, programs)
        rows = [getattr(program, "stamps_per_reward", 0) for program in programs]
        longest = max(rows, default=0)
        if not found and params["count"] > longest:
            found.append(
                _("A card never has %(count)d stamps: its row is full with %(longest)d.")
                % {"count": params["count"], "longest": longest}
            )
        return found


class PointsCountReached(TriggerType):
    type = "points_count_reached"
    label = gettext_lazy("Points count reached")
    group = "balance"
    event = "balance_changed"
    has_card = True
    programs = ("cashback", "gift", "reward")
    form = CountForm
    takes: ClassVar[inputs.Inputs] = {"count": inputs.whole(1, MOST, required=True)}

    @classmethod
    def matches(cls, params: Mapping[str, Any], event: Event) -> bool:
        return _climbs_past(params, event, "points", "money")

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        return _("When a card reaches %(count)s points") % {"count": params.get("count", "…")}
