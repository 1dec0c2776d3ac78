from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations.triggers.base import TriggerType


class CustomerCreated(TriggerType):
    type = "customer_created"
    label = gettext_lazy("Customer created")
    group = "customer"
    event = "customer_created"

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        return _("When a customer joins")
