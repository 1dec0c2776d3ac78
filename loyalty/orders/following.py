"""What follows from a change of an order, wherever it was made."""

from datetime import datetime

from loyalty import coupons, referrals
from loyalty.causes import Cause
from loyalty.ledger import Book
from loyalty.models.order import Order
from loyalty.orders import news


def follow(
    order: Order, book: Book, *, location_id: int | None = None, cause: Cause, now: datetime
) -> None:
    """Tell the news, and let those know who wait for it. The order's row is locked, and the book
    holds its customer's cards. May be repeated."""
    news.tell(order, location_id=location_id, cause=cause, now=now)
    referrals.ordered(order, book, now=now)
    coupons.order_changed(order, now=now)
