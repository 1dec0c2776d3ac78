"""Strict JSON: what two readers could understand differently, or a database refuse, is refused."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser

from loyalty.api.errors import TooLarge
from loyalty.cleaning import LARGEST, is_storable
from loyalty.errors import Invalid

KIB = 1024
USUAL_LIMIT = 256 * KIB

DEEPEST = 100
LONGEST_INTEGER = 20  # characters of −2⁶³


class StrictJSON(BaseParser):
    """Reads a body of at most the view's `longest` bytes, see `decoded`."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        context = parser_context or {}
        longest: int = getattr(context.get("view"), "longest", USUAL_LIMIT)
        meta = context["request"].META
        if meta.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
            raise UnsupportedMediaType(meta["HTTP_CONTENT_ENCODING"])
        if int(meta.get("CONTENT_LENGTH") or 0) > longest:
            raise TooLarge
        raw = stream.read(longest + 1)
        if len(raw) > longest:
            raise TooLarge
        return decoded(raw)


def decoded(raw: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Refuses what the standard leaves open or a database cannot keep: a key twice in one object, NaN
    and infinities (written out or as 1e400), integers beyond 64 bits, NUL, lone surrogates, and
    nesting deeper than 100.
    """
    try:
        text = raw.decode()
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_float,
            parse_int=_integer,
        )
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise Invalid(message=_("The body is not JSON in UTF-8: %s") % error) from error
    _refuse_depth(value)
    if "\\u" in text:  # unescaped, neither can stand in a JSON text in UTF-8
        _refuse_characters(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid({_shown(twice): [_("This field is there twice.")]})
    return found


def _no_number(text: str) -> Any:
    raise Invalid(message=_("%s is not a number.") % text)


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Invalid(message=_("%s is too large a number.") % _shown(text))
    return number


def _integer(text: str) -> int:
    if len(text) > LONGEST_INTEGER or not -LARGEST - 1 <= (number := int(text)) <= LARGEST:
        raise Invalid(message=_("%s is too large a number.") % _shown(text))
    return number


def _shown(text: str) -> str:
    """`text` so that it can be printed: short, and without half characters."""
    return text[:40].encode(errors="replace").decode()


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    match value:
        case dict():
            yield from value.items()
        case list():
            yield from ((str(index), item) for index, item in enumerate(value))


def _refuse_depth(value: Any) -> None:
    # Layer by layer: a walk that calls itself would be the thing it guards against.
    layer = [value]
    for _depth in range(DEEPEST):
        layer = [inner for outer in layer for _name, inner in _inside(outer)]
        layer = [inner for inner in layer if isinstance(inner, dict | list)]
        if not layer:
            return
    raise _too_deep()


def _too_deep() -> Invalid:
    return Invalid(message=_("Nested deeper than %d levels.") % DEEPEST)


def _refuse_characters(value: Any) -> None:
    waiting = [("", value)]
    while waiting:
        path, outer = waiting.pop()
        for name, inner in _inside(outer):
            if not is_storable(name):
                raise Invalid({path: [_("A name has characters that cannot be stored.")]})
            inner_path = f"{path}.{name}".lstrip(".")
            if isinstance(inner, str) and not is_storable(inner):
                raise Invalid({inner_path: [_("Has characters that cannot be stored.")]})
            waiting.append((inner_path, inner))
