"""Orders: what was bought, wherever it was bought, and what it earns; the tables' only writer."""

from loyalty.orders.data import OrderData
from loyalty.orders.owners import change_owner, forget
from loyalty.orders.recording import earning_cards, record, refund
from loyalty.orders.ripening import is_due, ripen
from loyalty.orders.shape import earned, shape
from loyalty.orders.till import counter, take_back

__all__ = [
    "OrderData",
    "change_owner",
    "counter",
    "earned",
    "earning_cards",
    "forget",
    "is_due",
    "record",
    "refund",
    "ripen",
    "shape",
    "take_back",
]
