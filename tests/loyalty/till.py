"""Short words for what tests do at the till."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

from loyalty import counter
from loyalty.causes import Cause
from loyalty.counter import By, Request, Wish
from loyalty.models import Card

TILL = By(actor="token:3", cause=Cause("api:3"))
OFFICE = By(actor="token:4", cause=Cause("api:4"), may_adjust=True)
NewCard = Callable[[str], Card]
_numbers = count(1)


def request() -> Request:
    key = f"api:3:{next(_numbers)}"
    return Request(key, key)


def accrue(card: Card, now: datetime, by: By = TILL, **wish: Any) -> dict[str, Any]:
    return counter.accrue(card.serial, Wish(**wish), by=by, request=request(), now=now).body


def redeem(card: Card, now: datetime, by: By = TILL, **wish: Any) -> dict[str, Any]:
    return counter.redeem(card.serial, Wish(**wish), by=by, request=request(), now=now).body


def undo(body: dict[str, Any], now: datetime, by: By = TILL) -> None:
    counter.reverse(body["operation"]["id"], "Oh", by=by, request=request(), now=now)
