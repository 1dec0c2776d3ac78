"""The automations of the proof, in their portable form. Between them they have every type of step;
`tests/proof/test_scenario.py` fails where one is missing."""

from typing import Any

Document = dict[str, Any]
Steps = list[dict[str, Any]]


def documents() -> list[Document]:
    return [_long_way(), _ten_points()]


def _document(slug: str, trigger: dict[str, Any], steps: Steps) -> Document:
    return {"format": 1, "slug": slug, "name": slug, "triggers": [trigger], "steps": steps}


def _external(name: str) -> dict[str, Any]:
    return {"type": "external_event", "params": {"names": [name]}}


def _mail(key: str, sender: str) -> dict[str, Any]:
    return {
        "key": key,
        "type": "send_email",
        "subject": f"{key} for {{{{ customer.first_name }}}}",
        "body": "You have {{ cards.aurora.points }} points.",
        "sender": sender,
    }


def _condition(key: str, filter: list[Any], yes: Steps, no: Steps) -> dict[str, Any]:
    return {
        "key": key,
        "type": "condition",
        "filter": filter,
        "branches": {"yes": yes, "no": no},
    }


def _accrue(key: str, amount: int, unit: str = "points", program: str = "aurora") -> dict[str, Any]:
    return {"key": key, "type": "accrue", "program": program, "unit": unit, "amount": amount}


def _long_way() -> Document:
    """Everybody begins it; who has no points card is skipped over, who said no gets no letter."""
    return _document(
        "long-way",
        _external("started"),
        [
            _condition(
                "reachable",
                ["customer.consent.email", "=", True],
                [_mail("welcome", "careful")],
                [{"key": "silent", "type": "add_tag", "tag": "silent"}],
            ),
            _accrue("ten", 10),
            {"key": "hour", "type": "wait", "for": "PT1H"},
            {"key": "cake", "type": "redeem", "program": "aurora", "reward": "A piece of cake"},
            _condition(
                "rich",
                ["cards.aurora.points", ">=", 50],
                [
                    _mail("praise", "plain"),
                    {"key": "rich-tag", "type": "add_tag", "tag": "rich"},
                    {"key": "out", "type": "exit"},
                ],
                [_mail("cheer", "plain")],
            ),
            {"key": "day", "type": "wait", "for": "P1D"},
            _accrue("stamp", 1, "stamps", "coffee"),
            {"key": "seen", "type": "add_tag", "tag": "seen"},
        ],
    )


def _ten_points() -> Document:
    """Begins with what another automation gave."""
    return _document(
        "ten-points",
        {"type": "points_count_reached", "params": {"count": 10}},
        [
            _accrue("nine", 9, "stamps", "coffee"),
            _mail("ten-points", "careful"),
            {"key": "moment", "type": "wait", "for": "PT30M"},
            {"key": "climber", "type": "add_tag", "tag": "climber"},
        ],
    )
