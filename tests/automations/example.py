"""The example of the portable form in docs/automations.md."""

from typing import Any

TENTH_COFFEE: dict[str, Any] = {
    "format": 1,
    "slug": "tenth-coffee",
    "name": "Tenth coffee",
    "label": "retention",
    "programs": ["coffee"],
    "starts_at": None,
    "ends_at": None,
    "platforms": [],
    "locations": [],
    "triggers": [
        {
            "type": "stamp_count_reached",
            "params": {"count": 10},
            "filter": {"all": [["customer.language", "=", "en"]]},
        }
    ],
    "entry": {"again": "every_time", "if_inside": "ignore", "cap": None},
    "goal": None,
    "steps": [
        {"key": "w1", "type": "wait", "for": "P1D"},
        {
            "key": "c1",
            "type": "condition",
            "filter": {
                "any": [["cards.aurora.points", ">=", 500], ["customer.tags", "has", "vip"]]
            },
            "branches": {
                "yes": [
                    {
                        "key": "m1",
                        "type": "send_email",
                        "subject": "Well done, {{ customer.first_name }}",
                        "body": "…",
                    }
                ],
                "no": [
                    {
                        "key": "a1",
                        "type": "accrue",
                        "unit": "points",
                        "amount": 50,
                        "program": "aurora",
                    }
                ],
            },
        },
    ],
}
