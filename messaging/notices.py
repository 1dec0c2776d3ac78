"""Brings what the product itself must say, by email."""

from datetime import datetime

from loyalty.notices import Letter
from messaging import templates
from messaging.models.message import Purpose
from messaging.outbox import Outbox


def deliver(letter: Letter, now: datetime) -> None:
    """Queue it, in the caller's transaction; once for its key."""
    notice = letter.notice
    outbox = Outbox()
    outbox.say(
        key=f"notice:{letter.key}",
        customer_id=letter.customer_id,
        template_id=templates.freeze(str(notice.subject), letter.body).pk,
        names=dict(letter.names),
        sender_id=None,
        cause=f"notice:{notice.name}",
        now=now,
        purpose=Purpose.ACCESS if notice.is_secret else Purpose.SERVICE,
        to=letter.to,
    )
    outbox.flush()
