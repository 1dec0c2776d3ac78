"""The shop of the soak: a thousand customers, and an automation that each of them begins again and
again: two short waits, a condition, an accrual and a letter."""

import random
from typing import Any

from automations import portable, publishing
from loyalty import clock, external
from loyalty.causes import Cause
from loyalty.customers import Who
from tests.processes import crowd

POINTS = 5
CAUSE = Cause("api:1")


def gather() -> None:
    crowd.gather()
    publishing.publish(portable.read(automation(), now=clock.now()), now=clock.now())


def begin(numbers: range, seed: int) -> None:
    """One event each, which begins a journey. May be repeated: the keys are the same."""
    items = [
        external.External(
            name="begun",
            key=f"begun-{number}",
            customer=Who(email=f"c{number % crowd.PEOPLE}@example.com"),
            data={"long": random.Random(f"{seed}:{number}").random() < 0.3},
        )
        for number in numbers
    ]
    answer = external.accept(items, scope="token:1", cause=CAUSE, now=clock.now())
    if answer.errors:
        raise AssertionError(answer.errors)


def automation() -> dict[str, Any]:
    return {
        "format": 1,
        "slug": "soak",
        "name": "Soak",
        "triggers": [{"type": "external_event", "params": {"names": ["begun"]}}],
        "entry": {"again": "every_time", "if_inside": "parallel", "cap": None},
        "steps": [
            {"key": "short", "type": "wait", "for": "PT1S"},
            {
                "key": "is-long",
                "type": "condition",
                "filter": ["event.data.long", "=", True],
                "branches": {"yes": [{"key": "long", "type": "wait", "for": "PT4S"}], "no": []},
            },
            {
                "key": "points",
                "type": "accrue",
                "program": "aurora",
                "unit": "points",
                "amount": POINTS,
            },
            {"key": "mail", "type": "send_email", "subject": "Hello", "body": "Hello"},
        ],
    }
