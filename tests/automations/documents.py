"""Small portable documents for tests to change."""

from typing import Any


def small(*steps, **more):
    return {
        "format": 1,
        "slug": "small",
        "name": "Small",
        "triggers": [{"type": "card_scanned"}],
        "steps": list(steps),
        **more,
    }


def nested(depth):
    step: dict[str, Any] = {"type": "exit"}
    for _level in range(depth):
        fork = {"type": "condition", "filter": ["customer.points", ">", 1]}
        step = fork | {"branches": {"yes": [step], "no": []}}
    return step
