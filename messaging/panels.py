"""What a customer's page shows of what was said to them."""

from django.utils.translation import gettext_lazy as _

from loyalty.models import Customer
from loyalty.panels import Panel
from messaging.models import Message

LATEST = 10


def messages_panel(customer: Customer) -> Panel | None:
    """The latest messages; nothing for somebody who was never written to."""
    theirs = Message.objects.filter(customer=customer).select_related("template")
    messages = list(theirs.order_by("-pk")[:LATEST])
    if not messages:
        return None
    return Panel(_("Messages"), "messaging/customer_panel.html", {"messages": messages})
