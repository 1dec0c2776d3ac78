"""How the OpenAPI document is written: each operation with its answers and every way it refuses."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from loyalty.api.errors import STATUSES
from loyalty.api.keys import HEADER, REPLAYED

F = TypeVar("F", bound=Callable[..., Any])

# What any operation may answer, and what any with a body may.
ALWAYS = ("unauthenticated", "forbidden", "error", "unavailable")
WITH_BODY = ("invalid", "unknown_field", "too_large", "unsupported_media_type")
WITH_QUERY = ("invalid", "unknown_field")

KEY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="1 to 128 printable ASCII characters. The same key and request is answered with "
    f"the very answer given before and `{REPLAYED}: true`; another request under it is refused.",
)
OPTIONAL_KEY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="Makes a repeated scan count once."
)
REPLAY = OpenApiParameter(
    REPLAYED,
    str,
    OpenApiParameter.HEADER,
    enum=["true"],
    response=True,
    description="There when this answer was given before.",
)


class Error(serializers.Serializer):
    """How everything is refused: `code` is for programs, `message` for people."""

    code = serializers.ChoiceField(choices=sorted(STATUSES))
    message = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]  # hides Serializer.fields
        child=serializers.ListField(child=serializers.CharField()),
        help_text="What is wrong with which field; a path with dots inside objects and lists.",
    )


def says(
    name: str,
    summary: str,
    *,
    body: Any = None,
    asks: Any = None,
    answers: dict[Any, Any],
    refuses: Sequence[str] = (),
    keyed: bool = False,
    parameters: Sequence[Any] = (),
) -> Callable[[F], F]:
    """Document one method of a view.

    `refuses` are the codes (`loyalty.api.errors`) that are this operation's own; those that any
    operation has are added. `keyed` operations need an Idempotency-Key.
    """
    codes = [*ALWAYS, *refuses]
    codes += WITH_BODY if body is not None else ()
    codes += WITH_QUERY if asks is not None else ()
    more = list(parameters)
    if asks is not None:
        more.append(asks)
    if keyed:
        codes += ["key_required", "key_reuse", "not_found"]
        more += [KEY, REPLAY]
    return extend_schema(
        operation_id=name,
        summary=summary,
        request=body,
        parameters=more,
        responses=answers | refusals(codes),
    )


def refusals(codes: Sequence[str]) -> dict[int, OpenApiResponse]:
    by_status: dict[int, list[str]] = {}
    for code in sorted(set(codes)):
        by_status.setdefault(STATUSES[code], []).append(f"`{code}`")
    return {
        status: OpenApiResponse(Error, " · ".join(listed)) for status, listed in by_status.items()
    }


def pages_of(shape: type[serializers.Serializer]) -> Any:
    """The schema of a list: `{results, next, previous}`."""
    return inline_serializer(
        f"{shape.__name__}List",
        {
            "results": shape(many=True),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
        },
    )
