"""Where the engine puts what is to be said: a batch of `Message` rows, written in one statement."""

from datetime import datetime
from typing import Any

from loyalty import bulk
from messaging.models import Message


class Outbox:
    """Collects messages in memory until `flush`, which joins the caller's transaction."""

    def __init__(self) -> None:
        self._rows: list[Message] = []

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
    ) -> None:
        """Queue one message. `key` is unique for ever: what was said under it is not said again.

        `names` is the snapshot of `rendering.names_used`: dotted names with their values
        (`{"card.points": 12}`), or the same as nested dicts. No sender: the channel's default.
        """
        self._rows.append(
            Message(
                key=key,
                customer_id=customer_id,
                channel=channel,
                sender_id=sender_id,
                template_id=template_id,
                names=names,
                cause=cause,
                due_at=now,
                created_at=now,
            )
        )

    def flush(self) -> int:
        """Write what was collected and forget it; says how many were new. May be repeated."""
        rows = sorted(self._rows, key=_key)
        self._rows = []
        return bulk.insert(Message, rows, ignore_conflicts=True)


def _key(message: Message) -> str:
    return message.key
