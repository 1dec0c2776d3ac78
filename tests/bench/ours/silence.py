"""Messaging without its bell."""

from messaging.apps import MessagingConfig


class SilentMessaging(MessagingConfig):
    bells = []
