"""Who holds something personal of customers: they forget it with them, and tell it to them.

A higher app appends to these lists in its `ready()`. A holder takes a customer's id and forgets
what the app knows of that person, in the transaction that erases them, while their row still says
by which names they were known. A locker locks before that what is locked before customers. A
teller takes the id and gives what the app knows, in JSON's types.
"""

from collections.abc import Callable
from typing import Any

lockers: list[Callable[[], None]] = []
holders: list[Callable[[int], None]] = []
tellers: list[tuple[str, Callable[[int], Any]]] = []


def export(customer_id: int) -> dict[str, Any]:
    """All that is held of a customer, by what it is."""
    return {name: tell(customer_id) for name, tell in tellers}
