"""Our own addresses as others need them: whole, never built from what a request calls its host."""

from django.conf import settings
from django.urls import reverse


def whole(name: str, *args: object) -> str:
    """The address of the page of that name, from `PUBLIC_BASE_URL` on."""
    return f"{settings.PUBLIC_BASE_URL}{reverse(name, args=args)}"
