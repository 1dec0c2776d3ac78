"""What a customer claims from their card's page, and who hands it over."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs
from automations.inputs import MOST
from automations.triggers.base import FormClass, TriggerType
from loyalty.models import Event


class ClaimForm(forms.Form):
    min_amount = forms.IntegerField(
        label=gettext_lazy("at least"),
        min_value=1,
        max_value=MOST,
        required=False,
        help_text=gettext_lazy("Empty: any amount. Money is in minor units."),
    )
    settles = forms.BooleanField(
        label=gettext_lazy("settle the claim with this automation"),
        required=False,
        help_text=gettext_lazy(
            "For what needs nobody at the counter, such as a code. What was claimed is spent for "
            "good when something is given, or the customer comes to the end. It goes back to the "
            "card when they are stopped before, or nothing could be given. Else staff hand it over."
        ),
    )


class Claimed:
    """What both have in common but the unit: `is_money` says which."""

    group = "balance"
    event = "points_claimed"
    has_card = True
    form: ClassVar[FormClass] = ClaimForm
    takes: ClassVar[inputs.Inputs] = {
        "min_amount": inputs.whole(1, MOST),
        "settles": inputs.flag(),
    }
    is_money: ClassVar[bool]

    @classmethod
    def matches(cls, params: Mapping[str, Any], event: Event) -> bool:
        claim = event.data
        return (
            event.name == cls.event
            and (claim.get("unit") == "money") is cls.is_money
            and bool(claim["amount"] >= (params.get("min_amount") or 0))
        )

    @classmethod
    def settles(cls, params: Mapping[str, Any], event: Event) -> int | None:
        """What was claimed before the product wrote its number down stays with staff."""
        return event.data.get("claim") if params.get("settles") else None


class PointsClaimed(Claimed, TriggerType):
    type = "points_claimed"
    label = gettext_lazy("Points claimed")
    programs = ("cashback", "multipass", "reward", "stamp")
    is_money = False

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        said = _("When a customer claims something for points")
        if params.get("min_amount"):
            said = _("When a customer claims at least %(min_amount)s points") % params
        return _and_settles(said, params)


class StoreCreditClaimed(Claimed, TriggerType):
    type = "store_credit_claimed"
    label = gettext_lazy("Store credit claimed")
    programs = ("gift",)
    is_money = True

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        said = _("When a customer claims store credit")
        if params.get("min_amount"):
            said = _("When a customer claims at least %(min_amount)s of store credit") % params
        return _and_settles(said, params)


def _and_settles(said: str, params: Mapping[str, Any]) -> str:
    return _("%(when)s (settled here)") % {"when": said} if params.get("settles") else said
