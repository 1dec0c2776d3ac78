"""What a card's own page shows besides what we know ourselves.

A higher app appends a function in its `ready()`; it takes the card and gives back a `Part`, or None
where there is nothing to show. Pages say `{% load wallets %}{% card_parts card %}`; the part's
template is included with `part` in its context.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loyalty.models import Card


@dataclass(frozen=True, slots=True)
class Part:
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


makers: list[Callable[[Card], Part | None]] = []


def of(card: Card) -> list[Part]:
    """All there is, in the order in which the apps came."""
    return [part for make in makers if (part := make(card))]
