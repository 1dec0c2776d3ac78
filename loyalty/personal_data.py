"""Who holds something personal of customers: they forget it with them, and tell it to them.

A higher app appends to both lists in its `ready()`. A holder takes a customer's id and forgets what
the app knows of that person, in the transaction that erases them. A teller takes it and gives what
the app knows, in JSON's types.
"""

from collections.abc import Callable
from typing import Any

holders: list[Callable[[int], None]] = []
tellers: list[tuple[str, Callable[[int], Any]]] = []


def export(customer_id: int) -> dict[str, Any]:
    """All that is held of a customer, by what it is."""
    return {name: tell(customer_id) for name, tell in tellers}
