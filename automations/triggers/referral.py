from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations.triggers.base import TriggerType


class ReferralSucceeded(TriggerType):
    """About who brought somebody; `order.*` is the order that made it count."""

    type = "referral_succeeded"
    label = gettext_lazy("Referral succeeded")
    group = "customer"
    event = "referral_succeeded"
    has_card = True

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        return _("When a customer has brought somebody")


class Shared(TriggerType):
    type = "shared"
    label = gettext_lazy("Link shared")
    group = "customer"
    event = "shared"
    has_card = True

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        return _("When a customer shares the link of a card")
