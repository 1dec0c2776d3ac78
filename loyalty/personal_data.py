"""Who else holds something personal of customers, above us in the house.

A higher app appends a function in its `ready()`; it takes a customer's id and forgets what the app
knows of that person, in the transaction that erases them.
"""

from collections.abc import Callable

holders: list[Callable[[int], None]] = []
