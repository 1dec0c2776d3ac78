"""Bodies of requests that do not come through the API: small, and an object in JSON."""

import json
from typing import Any

from django.http import HttpRequest

from loyalty.errors import Invalid


def small_object(request: HttpRequest, longest: int) -> dict[str, Any]:
    """What the body says, in at most `longest` bytes; raises Invalid for anything else."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > longest:
        raise Invalid
    try:
        read = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Invalid from error
    if not isinstance(read, dict):
        raise Invalid
    return read
