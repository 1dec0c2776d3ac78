"""What was said to a customer: on their line of time, and as they may have it."""

from typing import Any

from django.urls import reverse

from loyalty import shapes
from loyalty.models import Customer
from loyalty.timeline import Moment
from messaging.models import Message
from messaging.models.message import Purpose


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


def messages(customer_id: int) -> list[dict[str, Any]]:
    """All of them, for themselves; not the links that opened their pages."""
    rows = Message.objects.filter(customer=customer_id).order_by("pk")
    return [
        {
            "channel": row.channel,
            "state": row.state,
            "to": row.to,
            "subject": row.subject,
            "text": row.text if row.purpose != Purpose.ACCESS else "",
            "at": shapes.moment(row.sent_at or row.created_at),
        }
        for row in rows
    ]
