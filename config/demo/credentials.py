"""What opens the demo's doors: derived from SECRET_KEY, so that every run says the same."""

import base64
import hashlib
import hmac
import uuid

from django.conf import settings

USERNAME = "admin"
SHORT = 12  # bytes, for what a person types
LONG = 24


def password() -> str:
    return _derived("password", SHORT)


def token(name: str) -> str:
    return f"reg_demo_{_derived(f'token {name}', LONG)}"


def path_secret(connector: str) -> str:
    return _derived(f"path of {connector}", LONG)


def signing_secret(connector: str) -> str:
    """Such as libraries for Standard Webhooks understand as well."""
    return f"whsec_{base64.b64encode(_digest(f'secret of {connector}')).decode()}"


def connection_id(connector: str) -> uuid.UUID:
    return uuid.UUID(bytes=_digest(f"connection {connector}")[:16], version=4)


def _derived(what: str, length: int) -> str:
    return base64.urlsafe_b64encode(_digest(what)[:length]).decode()


def _digest(what: str) -> bytes:
    key, text = settings.SECRET_KEY.encode(), f"Café Aurora: {what}".encode()
    return hmac.new(key, text, hashlib.sha256).digest()
