"""What a customer's line of time shows of what was said to them."""

from django.urls import reverse

from loyalty.models import Customer
from loyalty.timeline import Moment
from messaging.models import Message


def messages_told(customer: Customer, most: int) -> list[Moment]:
    rows = Message.objects.filter(customer=customer).select_related("template").order_by("-pk")
    return [_of(message) for message in rows[:most]]


def _of(message: Message) -> Moment:
    return Moment(
        at=message.sent_at or message.created_at,
        icon="message",
        title=message.subject or (message.template.subject if message.template else ""),
        detail=message.note,
        url=reverse("admin:messaging_message_change", args=[message.pk]),
        state=message.get_state_display(),
        tone=message.tone,
    )
