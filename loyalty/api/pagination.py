"""Lists as `{results, next, previous}`, newest first, turned by cursor."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request

from loyalty.api.fields import Fields, Text
from loyalty.cleaning import LARGEST
from loyalty.errors import Invalid

USUAL = 50
MOST = 200
NEXT, PREVIOUS = "n", "p"

M = TypeVar("M", bound=Model)


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": MOST})
class Number(Text):
    """In an address everything is text."""


class Turning(Fields):
    """What every list may be asked."""

    cursor = Text(required=False, help_text="From `next` or `previous` of the page before.")
    limit = Number(required=False, help_text=f"Rows on a page: 1 … {MOST}, usually {USUAL}.")


def page(
    request: Request, rows: QuerySet[M], show: Callable[[Sequence[M]], list[dict[str, Any]]]
) -> dict[str, Any]:
    """One page of `rows` (which need an `id`), each shown by `show`, a page at a time.

    A cursor names a row, so rows that are added or go meanwhile neither shift nor repeat others.
    """
    limit = _limit(request.query_params.get("limit"))
    direction, start = _place(request.query_params.get("cursor"))
    backwards = direction == PREVIOUS
    if start is not None:
        rows = rows.filter(**{"pk__gt" if backwards else "pk__lt": start})
    found = list(rows.order_by("pk" if backwards else "-pk")[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    after = found and (more or backwards)
    before = found and (more if backwards else start is not None)
    return {
        "results": show(found),
        "next": _link(request, NEXT, found[-1]) if after else None,
        "previous": _link(request, PREVIOUS, found[0]) if before else None,
    }


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST:
        return int(text)
    raise Invalid({"limit": [_("Send a number from 1 to %d.") % MOST]})


def _place(cursor: str | None) -> tuple[str, int | None]:
    if cursor is None:
        return NEXT, None
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
        direction, start = text[:1], int(text[1:])
    except (ValueError, binascii.Error):
        direction, start = "", 0
    if direction not in (NEXT, PREVIOUS) or not 0 < start <= LARGEST:
        raise Invalid({"cursor": [_("This is not a cursor of ours.")]})
    return direction, start


def _link(request: Request, direction: str, row: Model) -> str:
    """Built from our own address, never from what the request calls its host."""
    cursor = base64.urlsafe_b64encode(f"{direction}{row.pk}".encode()).decode()
    question = urlencode(request.query_params.dict() | {"cursor": cursor})
    return f"{settings.PUBLIC_BASE_URL}{request.path}?{question}"
