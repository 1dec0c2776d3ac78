"""What customers find in their mail, by the real outbox."""

import re

from loyalty import clock
from messaging import dispatch
from messaging.models import Message

LINK = re.compile(r"http://127\.0\.0\.1:\d+(/c/in/[^/\s]+/)")


def mails(to: str) -> list[Message]:
    """What has arrived there, the latest last."""
    while dispatch.drain(0, now=clock.now()):
        pass
    return list(Message.objects.filter(to=to, state="sent").order_by("pk"))


def link(to: str) -> str:
    """The path of the link in the latest."""
    found = LINK.search(mails(to)[-1].text)
    assert found, "there is no link in it"
    return found[1]
