from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from loyalty.models import Customer
from messaging import templates
from messaging.models import Message, Sender
from messaging.outbox import Outbox
from tests.messaging.carriers import Scripted

Say = Callable[..., Message]


@pytest.fixture
def sender(db: None) -> Sender:
    """The demo's: nothing leaves, and it is used where none is chosen."""
    return Sender.objects.create(
        name="Outbox",
        provider="outbox",
        from_name="Café Aurora",
        from_address="hello@aurora.example",
        is_default=True,
    )


@pytest.fixture
def scripted(db: None) -> Iterator[Sender]:
    """A carrier without idempotency keys that does what the test says."""
    Scripted.script.clear()
    Scripted.sent.clear()
    yield Sender.objects.create(
        name="Scripted", provider="scripted", from_address="hello@aurora.example"
    )
    Scripted.script.clear()


@pytest.fixture
def say(now: datetime) -> Say:
    """Queue one message as the engine does."""

    def say(customer: Customer, *, key: str = "journey:1:1", **changes: Any) -> Message:
        subject = changes.pop("subject", "Well done, {{ customer.first_name }}")
        body = changes.pop("body", "Your coffee is on us.\n\nhttps://aurora.example/menu")
        sender = changes.pop("sender", None)
        outbox = Outbox()
        outbox.say(
            key=key,
            customer_id=customer.pk,
            template_id=templates.freeze(subject, body).pk,
            names=changes.pop("names", {"customer.first_name": customer.first_name}),
            sender_id=sender.pk if sender else None,
            cause="journey:1",
            now=now,
        )
        outbox.flush()
        return Message.objects.get(key=key)

    return say
