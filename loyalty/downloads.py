"""Answers that a browser keeps as a file, sent piece by piece."""

from collections.abc import Iterable

from django.http import StreamingHttpResponse

CSV = "text/csv; charset=utf-8"


def download(
    name: str,
    pieces: Iterable[bytes] | Iterable[str],
    *,
    media_type: str = CSV,
    length: int | None = None,
) -> StreamingHttpResponse:
    """`name` is ASCII; `length` in bytes where it is known: then a file that broke off is seen to
    be none."""
    answer = StreamingHttpResponse(pieces, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    if length is not None:
        answer["Content-Length"] = str(length)
    return answer
