from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations.triggers.base import TriggerType


class OrderPaid(TriggerType):
    type = "order_paid"
    label = gettext_lazy("Order paid")
    group = "orders"
    event = "order_paid"

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        return _("When an order is paid")
