"""Versions of one chain, and people who stand in them."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from automations.models import Journey
from loyalty import customers
from loyalty.customers import Details
from loyalty.models import Customer, Event
from tests.automations.chains import WAVED, wave
from tests.cast import BY_STAFF

WAYS = ("finish", "move", "restart", "skip", "exit")
Crowd = Callable[..., list[Customer]]


def tag(key: str, name: str) -> dict[str, Any]:
    return {"key": key, "type": "add_tag", "tag": name}


def wait(key: str, time: str = "P1D") -> dict[str, Any]:
    return {"key": key, "type": "wait", "for": time}


def parallel(**branches: Any) -> dict[str, Any]:
    return {"key": "p", "type": "parallel", "branches": branches}


def document(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"format": 1, "slug": "chain", "name": "chain", "triggers": [WAVED], "steps": [*steps]}


def crossroads(length: str, end: str) -> list[dict[str, Any]]:
    """Everybody waits at a step of their own, named for what will be chosen for them."""
    cases = [{"branch": way, "filter": ["customer.tags", "has", way]} for way in WAYS]
    branches = {way: [wait(way, length), tag(f"t-{way}", f"{end} {way}")] for way in WAYS}
    fork = {"key": "s", "type": "switch", "cases": cases, "branches": {**branches, "else": []}}
    return [fork, tag("after", f"{end} after")]


def let_in(n: int, tag: str, now: datetime) -> list[Customer]:
    """Customers with that tag, each with the event that lets them in."""
    made = []
    for at in range(n):
        details = Details(email=f"{tag}{at}@example.com", first_name=f"{tag}{at}")
        customer, _made = customers.join(details, cause=BY_STAFF, now=now)
        Customer.objects.filter(pk=customer.pk).update(tags=[tag])
        made.append(customer)
    Event.objects.exclude(name="waved").update(entered_at=now)
    for customer in made:
        wave(customer, now, key=f"{tag}-{customer.pk}")
    return made


def tags(way: str) -> Counter[tuple[str, ...]]:
    found = Customer.objects.filter(email__startswith=way).values_list("tags", flat=True)
    return Counter(tuple(each) for each in found)


def states(**which: Any) -> Counter[tuple[str, int, str]]:
    found = Journey.objects.filter(**which).values_list("state", "version__number", "step_key")
    return Counter(found)
