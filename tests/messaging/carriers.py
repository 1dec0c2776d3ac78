"""Carriers that do as a test tells them; to the rest of the house they are carriers like any."""

from collections.abc import Callable
from typing import ClassVar

from messaging.models import Sender
from messaging.providers.base import Provider
from messaging.rendering import Rendered

Act = Callable[[str], None]


class Scripted(Provider):
    """Does the next thing of its script with each message; when there is none left, it sends."""

    name = "scripted"
    label = "Scripted"
    script: ClassVar[list[Act]] = []
    sent: ClassVar[list[str]] = []

    def send(self, rendered: Rendered, to: str, key: str) -> str:
        if self.script:
            self.script.pop(0)(key)
        self.sent.append(key)
        return f"scripted-{key}"


class Repeatable(Scripted):
    """Knows keys: the same one twice is one mail."""

    name = "repeatable"
    label = "Repeatable"
    is_repeatable = True


class PowerCutError(BaseException):
    """The process ends here: nothing in it may catch this."""


def carrying(sender: Sender, provider: str) -> Sender:
    """The sender, from now on at that carrier."""
    sender.provider = provider
    sender.save()
    return sender


def fails_with(error: BaseException) -> Act:
    def act(key: str) -> None:
        raise error

    return act
