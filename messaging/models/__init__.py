"""Sender, Template and Message: who speaks, what is said, and what became of it."""

from messaging.models.message import Message
from messaging.models.sender import Sender
from messaging.models.subscription import PushSubscription
from messaging.models.template import Template

__all__ = ["Message", "PushSubscription", "Sender", "Template"]
