from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs
from automations.problems import refuse
from automations.triggers.base import TriggerType
from loyalty.models import Event
from loyalty.models.review import BEST, WORST


class RatingForm(forms.Form):
    min_rating = forms.IntegerField(
        label=gettext_lazy("from so many stars"), required=False, min_value=WORST, max_value=BEST
    )
    max_rating = forms.IntegerField(
        label=gettext_lazy("up to so many stars"), required=False, min_value=WORST, max_value=BEST
    )

    def clean(self) -> dict[str, Any]:
        said = {name: n for name, n in self.cleaned_data.items() if n is not None}
        if _is_nothing(said):
            raise ValidationError(_("No review has so many stars."))
        return said


class ReviewLeft(TriggerType):
    """A customer has left a review with so many stars."""

    type = "review_left"
    label = gettext_lazy("Review left")
    group = "customer"
    event = "review_left"
    form = RatingForm
    takes: ClassVar[inputs.Inputs] = {
        "min_rating": inputs.whole(WORST, BEST),
        "max_rating": inputs.whole(WORST, BEST),
    }

    @classmethod
    def read(cls, params: Mapping[str, Any], path: str) -> dict[str, Any]:
        read = super().read(params, path)
        if _is_nothing(read):
            raise refuse(f"{path}.max_rating", _("No review has so many stars."))
        return read

    @classmethod
    def matches(cls, params: Mapping[str, Any], event: Event) -> bool:
        low, high = _range(params)
        return super().matches(params, event) and low <= event.data["rating"] <= high

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        low, high = _range(params)
        if (low, high) == (WORST, BEST):
            return _("When a customer leaves a review")
        if low == high:
            return _("When a customer leaves a review of %(n)d stars") % {"n": low}
        words = {"low": low, "high": high}
        return _("When a customer leaves a review of %(low)d to %(high)d stars") % words


def _range(params: Mapping[str, Any]) -> tuple[int, int]:
    return params.get("min_rating") or WORST, params.get("max_rating") or BEST


def _is_nothing(params: Mapping[str, Any]) -> bool:
    low, high = _range(params)
    return low > high
