"""What a customer's page shows besides what we know ourselves.

A higher app appends a function in its `ready()`:

    customer_panels.append(journeys_panel)

It takes the customer and gives back a `Panel`, or None where there is nothing to show. The panel's
template is included with `panel` in its context.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from loyalty.models.customer import Customer


@dataclass(frozen=True, slots=True)
class Panel:
    title: str | Promise
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


customer_panels: list[Callable[[Customer], Panel | None]] = []


def of(customer: Customer) -> list[Panel]:
    """All there is to show of one customer, in the order in which the apps came."""
    return [panel for make in customer_panels if (panel := make(customer))]
