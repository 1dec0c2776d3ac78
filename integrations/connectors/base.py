"""What a connector is: how a system signs, what it sends, and what that means."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise

from integrations.arrivals import Arrival, Envelope
from integrations.facts import Fact
from integrations.signatures import Hmac

_connectors: dict[str, "Connector"] = {}


class Connector(ABC):
    """A kind of system. It holds nothing: what one account needs is in its `Connection`.

    `settings` is the form of what a connection must know; its field `secret` signs, and where it
    is ours to choose (`makes_secret`) one is offered. One of the `signatures` must fit.
    """

    slug: ClassVar[str]
    label: ClassVar[str | Promise]
    help: ClassVar[str | Promise] = ""
    settings: ClassVar[type[forms.Form]]
    makes_secret: ClassVar[bool] = False
    signatures: ClassVar[tuple[Hmac, ...]]

    def __init_subclass__(cls) -> None:
        if cls.slug in _connectors:
            raise ImproperlyConfigured(f"Two connectors are called {cls.slug!r}.")
        _connectors[cls.slug] = cls()

    def verifies(self, arrival: Arrival, secrets: Sequence[str], *, now: datetime) -> bool:
        """Whether this was sent by somebody who knows one of `secrets`."""
        return any(scheme.verifies(arrival, secrets, now=now) for scheme in self.signatures)

    @abstractmethod
    def envelope(self, arrival: Arrival) -> Envelope:
        """What to file a verified arrival under; a LoyaltyError refuses it and nothing is kept."""

    @abstractmethod
    def facts(self, topic: str, body: bytes) -> Iterable[Fact]:
        """What a receipt tells us: nothing, where its topic does not concern us. Raises
        `Unreadable` with a sentence for the shop owner."""

    def says_the_same(self, kept: bytes, body: bytes) -> bool:
        """Whether a webhook under a known key repeats the one that was kept."""
        return True


def digest(topic: str, body: bytes) -> str:
    """A key for webhooks that carry none of their own."""
    return hashlib.sha256(topic.encode(errors="replace") + b"\n" + body).hexdigest()


def all_of_them() -> list[Connector]:
    return sorted(_connectors.values(), key=lambda connector: str(connector.label))


def named(slug: str) -> Connector | None:
    """The connector of that name; None for one that is no longer, whose rows may still be here."""
    return _connectors.get(slug)
