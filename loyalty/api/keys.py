"""What makes a request safe to repeat: its key, and the fingerprint of what it asked."""

import hashlib
import json
import re

from django.utils.translation import gettext as _
from rest_framework.request import Request

from loyalty import counter
from loyalty.api.errors import KeyRequired
from loyalty.errors import Invalid
from loyalty.models import ApiToken

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEY = re.compile(r"[\x20-\x7e]{1,128}")


def required(request: Request, token: ApiToken) -> counter.Request:
    """The key under which something is wanted; raises KeyRequired without one."""
    if found := optional(request, token):
        return found
    raise KeyRequired


def optional(request: Request, token: ApiToken) -> counter.Request | None:
    """The same where it may be absent. Keys of two tokens never meet."""
    key = _named(request, token)
    return counter.Request(key, fingerprint(request)) if key else None


def alone(request: Request, token: ApiToken) -> str:
    """The same without a fingerprint, where the body is more than JSON; raises KeyRequired."""
    if key := _named(request, token):
        return key
    raise KeyRequired


def _named(request: Request, token: ApiToken) -> str:
    key = request.headers.get(HEADER, "")
    if key and not KEY.fullmatch(key):
        raise Invalid({HEADER: [_("Send 1 to 128 printable ASCII characters.")]})
    return f"api:{token.pk}:{key}" if key else ""


def fingerprint(request: Request) -> str:
    """A hash of method, path and body; the order and the spaces of its JSON make no difference."""
    body = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{request.method} {request.path} {body}".encode()).hexdigest()
