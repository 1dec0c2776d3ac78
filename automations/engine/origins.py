"""What journeys began with: read for all of a batch when the first of them wants to know."""

from collections.abc import Iterable
from functools import cached_property

from loyalty.events import FACTS
from loyalty.models import Event, Order


class Origins:
    """Events, and the orders they tell of. Those that arrive are in memory. Those with which the
    journeys began may be hundreds, and most steps ask nothing about them."""

    def __init__(self, arrived: Iterable[Event], began_with: Iterable[int]) -> None:
        self._arrived = {event.pk: event for event in arrived}
        self._earlier = set(began_with) - self._arrived.keys()

    def event(self, pk: int) -> Event:
        return self._arrived.get(pk) or self._read[pk]

    def order(self, event: Event) -> Order | None:
        return self._orders.get(_key(event))

    @cached_property
    def _read(self) -> dict[int, Event]:
        found = Event.objects.filter(pk__among=self._earlier).order_by()
        return {event.pk: event for event in found}

    @cached_property
    def _orders(self) -> dict[str, Order]:
        told = [*self._arrived.values(), *self._read.values()]
        keys = {_key(event) for event in told} - {""}
        found = Order.objects.filter(key__in=keys) if keys else ()
        return {order.key: order for order in found}


def _key(event: Event) -> str:
    """The key of the order it tells of; empty where it tells of none."""
    fact = FACTS.get(event.name)
    return str(event.data.get(fact.names_order, "")) if fact and fact.names_order else ""
