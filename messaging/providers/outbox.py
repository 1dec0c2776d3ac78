"""The carrier of the demo and of tests: nothing leaves, and `/outbox/` shows what would have."""

from django.utils.translation import gettext_lazy as _

from messaging.providers.base import Provider
from messaging.rendering import Rendered


class Outbox(Provider):
    name = "outbox"
    label = _("Local outbox")
    help = _("For trying out: nothing leaves this machine, and /outbox/ shows every mail.")
    is_repeatable = True

    def send(self, rendered: Rendered, to: str, key: str) -> str:
        return f"outbox:{key}"
