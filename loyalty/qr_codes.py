"""QR codes, drawn as SVG elements."""

from typing import Any

import segno
from django.utils.safestring import SafeString, mark_safe


def drawn(text: str, *, error: str | None = None, **look: Any) -> SafeString:
    """The code of that text. `error` is how much of it may at least be damaged (segno's letters, by
    default "l"), `look` what segno's `svg_inline` takes."""
    svg: str = segno.make(text, error=error, micro=False).svg_inline(**look)
    return mark_safe(svg)  # noqa: S308 (segno's own markup: the text is only in its pattern)
