"""What happens in the shop, act by act. Every act may be played twice: that is how the world does
it when it got no answer."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from config import draining
from loyalty import external, orders
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.orders import OrderData
from tests.proof import shop
from tests.proof.points import points

START = shop.OPENED + timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Act:
    name: str
    after: timedelta
    do: Callable[[datetime], None]

    @property
    def now(self) -> datetime:
        return START + self.after


def play(acts: Iterable[int]) -> list[str]:
    """Those acts, one after the other; what went wrong without anybody dying."""
    with Listening() as heard:
        for number in acts:
            points.enter(number)
            ACTS[number].do(ACTS[number].now)
    return heard.faults


class Listening(logging.Handler):
    """Errors that a worker would log and go on from."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.faults: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else ""
        self.faults.append(f"logged: {record.getMessage()} {error!r}")

    def __enter__(self) -> "Listening":
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)


# --- The acts -------------------------------------------------------------------------------------


def work(now: datetime) -> None:
    """What the worker does, until nothing is due."""
    left = draining.drain(now).left
    if left:
        logging.getLogger(__name__).error("still due at %s: %s", now, left)


def tells(name: str, *numbers: int, key: str = "") -> Callable[[datetime], None]:
    """Somebody else's system tells of these customers, in one call."""

    def tell(now: datetime) -> None:
        items = [
            external.External(
                index=number,
                name=name,
                key=f"{name}{key}-{number}",
                customer=Who(external_id=f"p{number}"),
            )
            for number in numbers
        ]
        external.accept(items, scope="token:1", cause=Cause("api:1"), now=now)

    return tell


def till(now: datetime) -> None:
    shop.give(shop.card_of(5, "aurora"), 40, "given at the till", now)


def claim(now: datetime) -> None:
    for number in (4, 5):
        shop.claim(shop.card_of(number, "aurora"), f"claim {number}", now)


def order(now: datetime) -> None:
    orders.record(_order(now), cause=Cause("order:4711"), now=now)


def refund(now: datetime) -> None:
    orders.record(_order(now, refunded_cents=1_000), cause=Cause("order:4711"), now=now)


def _order(now: datetime, refunded_cents: int | None = None) -> OrderData:
    return OrderData(
        key="shopify:4711",
        customer=Who(external_id="p3"),
        placed_at=START,
        total_cents=3_000,
        currency="USD",
        status="paid",
        refunded_cents=refunded_cents,
    )


ACTS = (
    Act("customers start", timedelta(0), tells("started", *range(shop.PEOPLE))),
    Act("work at once", timedelta(0), work),
    Act("points at the till", timedelta(minutes=20), till),
    Act("an order", timedelta(minutes=25), order),
    Act("two claim", timedelta(minutes=27), claim),
    Act("work after half an hour", timedelta(minutes=30), work),
    Act("a refund", timedelta(minutes=40), refund),
    Act("work after an hour", timedelta(hours=1), work),
    Act("two answer", timedelta(hours=3), tells("answered", 0, 1)),
    Act("one is gone", timedelta(hours=3), tells("gone", 5)),
    Act("work after three hours", timedelta(hours=3), work),
    Act("one answers again", timedelta(hours=4), tells("answered", 0, key="again")),
    Act("work after seven", timedelta(hours=7), work),
    Act("work after fourteen", timedelta(hours=14), work),
    Act("work after a day", timedelta(days=1), work),
    Act("work after four", timedelta(days=4), work),
    # Nothing is left for these, unless somebody died with a letter in hand.
    Act("a quiet day", timedelta(days=5), work),
    Act("another", timedelta(days=6), work),
    Act("and another", timedelta(days=7), work),
)
