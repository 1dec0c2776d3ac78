"""Where the engine puts what is to be said: a batch of `Message` rows, written in one statement."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, ClassVar

from loyalty import bulk
from messaging.models import Message
from messaging.models.message import MessageState, Purpose


@dataclass(slots=True)
class Queued:
    """A message that nobody has begun to send; what sending fills in is still empty."""

    state: ClassVar[str] = MessageState.QUEUED.value
    attempts: ClassVar[int] = 0
    token: ClassVar[str] = ""
    subject: ClassVar[str] = ""
    text: ClassVar[str] = ""
    html: ClassVar[str] = ""
    provider_id: ClassVar[str] = ""
    note: ClassVar[str] = ""

    key: str
    customer_id: int
    channel: str
    sender_id: int | None
    template_id: int
    names: dict[str, Any]
    cause: str
    due_at: datetime
    created_at: datetime
    purpose: str
    to: str


class Outbox:
    """Collects messages in memory until `flush`, which joins the caller's transaction."""

    def __init__(self) -> None:
        self._rows: list[Queued] = []

    def __len__(self) -> int:
        return len(self._rows)

    def say(
        self,
        *,
        key: str,
        customer_id: int,
        template_id: int,
        names: dict[str, Any],
        sender_id: int | None,
        cause: str,
        now: datetime,
        channel: str = "email",
        purpose: str = Purpose.AGREED,
        to: str = "",
    ) -> None:
        """Queue one message. `key` is unique for ever: what was said under it is not said again.

        `names` is the snapshot of `rendering.names_used`: dotted names with their values
        (`{"card.points": 12}`), or the same as nested dicts. No sender: the channel's default.
        `to` is for what needs no consent; what does goes where the customer is when it is sent.
        """
        self._rows.append(
            Queued(
                key=key,
                customer_id=customer_id,
                channel=channel,
                sender_id=sender_id,
                template_id=template_id,
                names=names,
                cause=cause,
                due_at=now,
                created_at=now,
                purpose=purpose,
                to=to,
            )
        )

    def flush(self) -> int:
        """Write what was collected and forget it; says how many were new. May be repeated."""
        rows = sorted(self._rows, key=attrgetter("key"))
        self._rows = []
        return bulk.insert(Message, rows, ignore_conflicts=True)
