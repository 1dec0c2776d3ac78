"""Orders as they arrive: once, twice, late, in any order, and always to the same end."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from loyalty import customers, ledger
from loyalty.causes import Cause
from loyalty.cleaning import cents, cleaned
from loyalty.errors import CustomerConflict
from loyalty.models.business import Business
from loyalty.models.customer import Customer
from loyalty.models.order import Order, OrderEarning, OrderStatus
from loyalty.orders import earning, following
from loyalty.orders.data import OrderData
from loyalty.orders.data import order_key as clean_key

# The refund row that a cumulative `refunded_cents` sets.
BY_API = "api"
AMOUNTS = ("currency", "subtotal_cents", "tax_cents", "total_cents", "lines")
# An order may get its customer while we wait for its row; then we start again with their cards.
TRIES = 3


def record(data: OrderData, *, cause: Cause, now: datetime) -> tuple[Order, bool]:
    """Bring an order up to date; says whether it is new. May be repeated, in any order.

    The status only moves forward, refunds only grow, other amounts are those of the newest
    `updated_at` (none: of the last arrival). The customer is the first that was named. Raises
    Invalid.
    """
    data = data.clean()
    was_known: list[bool] = []

    def bring_up_to_date(order: Order) -> None:
        was_known.append(order.placed_at is not None)
        _apply(order, data, now)
        if data.refunded_cents is not None:
            _set_refund(order, BY_API, data.refunded_cents, now)

    def claim() -> int | None:
        if not data.customer:
            return None
        who, details = data.customer, data.details
        return customers.find_or_create(who, details=details, cause=cause, now=now)[0].pk

    order = _change(data.key, data.platform, claim, bring_up_to_date, cause=cause, now=now)
    return order, not was_known[-1]


def refund(
    order_key: str,
    key: str,
    amount_cents: int,
    *,
    platform: str = "api",
    cause: Cause,
    now: datetime,
) -> Order:
    """Note one refund of an order under its own key and take back what it earned too much.

    Once for its key; where the amount differs, the larger counts (a payment in it went through
    later). A refund of an unknown order is kept for it, and gives and starts nothing until then.
    Raises Invalid.
    """
    clean = cleaned(
        {"order_key": order_key, "key": key, "amount_cents": amount_cents},
        {"order_key": clean_key, "key": clean_key, "amount_cents": cents},
    )

    def note(order: Order) -> None:
        _set_refund(order, clean["key"], clean["amount_cents"], now)

    return _change(clean["order_key"], platform, lambda: None, note, cause=cause, now=now)


def settle_again(key: str, platform: str, *, cause: Cause, now: datetime) -> Order:
    """Post what the order gives by now and has not given. May be repeated."""
    return _change(key, platform, lambda: None, lambda _order: None, cause=cause, now=now)


# --- One change of one order ----------------------------------------------------------------------


class _OwnerChanged(Exception):
    """The order got a customer whose cards we have not locked."""


def _change(
    key: str,
    platform: str,
    claim: Callable[[], int | None],
    change: Callable[[Order], None],
    *,
    cause: Cause,
    now: datetime,
) -> Order:
    """Change the order and let follow what follows, in one transaction.

    `claim` says whose it is where the order does not know yet. Locks: customer, accounts, order.
    """
    for _try in range(TRIES):
        with suppress(_OwnerChanged), transaction.atomic():
            owner_id = _owner_of(key) or claim()
            if owner_id and not customers.lock([owner_id]) and _is_merged(owner_id):
                raise _OwnerChanged
            with ledger.open(
                customers=[owner_id] if owner_id else [], cards=earning_cards(key), now=now
            ) as book:
                order = lock(key, platform, now)
                if order.customer_id not in (None, owner_id):
                    raise _OwnerChanged
                order.customer_id = owner_id
                change(order)
                earning.settle(order, book, cause=cause, now=now)
                order.save()
                following.follow(order, book, cause=cause, now=now)
            return order
    raise CustomerConflict


def _owner_of(key: str) -> int | None:
    return Order.objects.filter(key=key).values_list("customer_id", flat=True).first()


def _is_merged(customer_id: int) -> bool:
    """Into somebody else, while we waited for their row; who was erased keeps their orders."""
    return Customer.objects.filter(pk=customer_id, merged_into__isnull=False).exists()


def earning_cards(key: str) -> list[int]:
    """Cards that the order gave something to, whatever has become of them, and those that took
    their place."""
    given = OrderEarning.objects.filter(order__key=key)
    pairs = given.values_list("card_id", "card__merged_into_id")
    return [pk for pair in pairs for pk in pair if pk is not None]


def lock(key: str, platform: str, now: datetime) -> Order:
    """The order's row, made if it is not there, and nobody else's until we are done."""
    new = Order(key=key, platform=platform, created_at=now)
    Order.objects.bulk_create([new], ignore_conflicts=True)
    return Order.objects.select_for_update(no_key=True).get(key=key)


# --- What an arrival changes ----------------------------------------------------------------------


def _apply(order: Order, data: OrderData, now: datetime) -> None:
    if data.status:
        advance(order, data.status)
    if _is_stale(order, data):
        return
    if order.placed_at is None:
        order.platform = data.platform
        order.currency = Business.get().currency
    order.placed_at = data.placed_at or order.placed_at or now
    order.source_updated_at = data.updated_at or order.source_updated_at
    for name in AMOUNTS:
        value = getattr(data, name)
        if value is not None:
            setattr(order, name, value)


def advance(order: Order, status: str) -> None:
    """Move the status forward; where it has gone further already, nothing happens."""
    order.status = max(order.status, status, key=OrderStatus.values.index)


def _is_stale(order: Order, data: OrderData) -> bool:
    known = order.source_updated_at
    return data.updated_at is not None and known is not None and data.updated_at < known


def _set_refund(order: Order, key: str, amount_cents: int, now: datetime) -> None:
    row, made = order.refunds.get_or_create(
        key=key, defaults={"amount_cents": amount_cents, "at": now}
    )
    if not made and row.amount_cents < amount_cents:
        row.amount_cents = amount_cents
        row.save(update_fields=["amount_cents"])
    total = order.refunds.aggregate(total=Sum("amount_cents"))["total"]
    order.refunded_cents = total or 0
