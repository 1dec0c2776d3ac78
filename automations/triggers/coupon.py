from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs
from automations.triggers.base import TriggerType
from loyalty.models import Event


class CampaignForm(forms.Form):
    campaign = forms.SlugField(
        label=gettext_lazy("campaign"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Its slug; empty: any campaign."),
    )


class CouponCodeRedeemed(TriggerType):
    """A code was redeemed by a customer we know; `order.*` is the order it was redeemed for."""

    type = "coupon_code_redeemed"
    label = gettext_lazy("Coupon code redeemed")
    group = "customer"
    event = "coupon_code_redeemed"
    form = CampaignForm
    takes: ClassVar[inputs.Inputs] = {"campaign": inputs.text(60)}

    @classmethod
    def matches(cls, params: Mapping[str, Any], event: Event) -> bool:
        wanted = params.get("campaign") or ""
        return super().matches(params, event) and wanted in ("", event.data.get("campaign"))

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        if wanted := params.get("campaign"):
            said: str = _("When a coupon code of “%s” is redeemed") % wanted
            return said
        return _("When a coupon code is redeemed")
