"""Secrets: the encrypted field (only `REGULARS_KEYS` can read it), what is kept of one that we need
not read again, and what is shown of one."""

import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


def new_secrets() -> dict[str, Any]:
    return {}


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        message = "REGULARS_KEYS holds a key that is not 32 url-safe base64 bytes."
        raise ImproperlyConfigured(message) from error


def encrypt(value: Any) -> str:
    """JSON of `value`, encrypted with the first key."""
    return _box(tuple(settings.REGULARS_KEYS)).encrypt(json.dumps(value).encode()).decode()


def decrypt(text: str) -> Any:
    """What `encrypt` was given; raises ImproperlyConfigured where no key fits."""
    try:
        return json.loads(_box(tuple(settings.REGULARS_KEYS)).decrypt(text.encode()))
    except InvalidToken as error:
        message = (
            "A stored secret cannot be read: the key it was encrypted with is not in REGULARS_KEYS."
        )
        raise ImproperlyConfigured(message) from error


def digest(plain: str) -> str:
    """By which a token is found again, and from which it cannot be read: its SHA-256 in hex."""
    return hashlib.sha256(plain.encode(errors="surrogatepass")).hexdigest()


def hint(secret: str) -> str:
    """Enough to tell two secrets apart: `…4f2a`; nothing of a short one."""
    return f"…{secret[-4:]}" if len(secret) >= 16 else "…"


class EncryptedJSONField(models.Field):
    """A dict, encrypted whole: neither its values nor its keys can be read in the database."""

    # What the type checker is told of it (django-stubs): not the text that it is stored as.
    _pyi_private_set_type: dict[str, Any]
    _pyi_private_get_type: dict[str, Any]

    def get_internal_type(self) -> str:
        return "TextField"

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return value if value is None else decrypt(value) if value else {}

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else encrypt(value)

    def to_python(self, value: Any) -> Any:
        return value
