"""The automations of the proof, in their portable form. Between them they have every type of step;
`tests/proof/test_scenario.py` fails where one is missing."""

from typing import Any

Document = dict[str, Any]
Steps = list[dict[str, Any]]


def documents() -> list[Document]:
    """In the order in which they can be read in: one starts another."""
    return [_side_way(), _long_way(), _ten_points(), _answers(), _claims()]


def _document(slug: str, trigger: dict[str, Any], steps: Steps, **more: Any) -> Document:
    own = {"format": 1, "slug": slug, "name": slug, "triggers": [trigger], "steps": steps}
    return own | more


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


def _tag(key: str) -> dict[str, Any]:
    return {"key": key, "type": "add_tag", "tag": key}


def _long_way() -> Document:
    """Everybody begins it; who has no points card is skipped over, who said no gets no letter."""
    steps = [*_until_the_hour(), *_answered_or_not(), *_ways(), *_to_the_end()]
    return _document(
        "long-way",
        _external("started"),
        steps,
        entry={"again": "every_time", "if_inside": "ignore", "cap": 100},
        limits={"points_per_day": 1_000, "messages_per_day": 1_000},
        exits=[{"event": "gone", "filter": None}],
    )


def _until_the_hour() -> Steps:
    is_rich = [_mail("praise", "plain"), _tag("rich"), {"key": "out", "type": "exit"}]
    return [
        _condition(
            "reachable",
            ["customer.consent.email", "=", True],
            [_mail("welcome", "careful")],
            [_tag("silent")],
        ),
        _accrue("ten", 10),
        {"key": "hour", "type": "wait", "for": "PT1H"},
        {"key": "cake", "type": "redeem", "program": "aurora", "reward": "A piece of cake"},
        _condition("has-much", ["cards.aurora.points", ">=", 50], is_rich, []),
    ]


def _answered_or_not() -> Steps:
    """Who said no to letters is asked twice."""
    return [
        {
            "key": "answer",
            "type": "wait_for_event",
            "event": "answered",
            "timeout": "PT6H",
            "branches": {
                "happened": [_accrue("thanks", 3)],
                "timed_out": [_mail("reminder", "careful")],
            },
        },
        {
            "key": "again",
            "type": "goto",
            "step": "answer",
            "filter": ["customer.tags", "has", "silent"],
            "limit": 1,
        },
    ]


def _ways() -> Steps:
    return [
        {
            "key": "half",
            "type": "split",
            "shares": {"a": 50, "b": 50},
            "branches": {"a": [_tag("half-a")], "b": [_accrue("two", 2)]},
        },
        {
            "key": "by-points",
            "type": "switch",
            "cases": [
                {"branch": "some", "filter": ["cards.aurora.points", ">=", 8]},
                {"branch": "few", "filter": ["cards.aurora.points", ">=", 1]},
            ],
            "branches": {"some": [_tag("some")], "few": [_accrue("more", 1)], "else": []},
        },
        {
            "key": "both",
            "type": "parallel",
            "branches": {
                "left": [{"key": "two-hours", "type": "wait", "for": "PT2H"}, _accrue("one", 1)],
                "right": [_tag("right")],
            },
        },
    ]


def _to_the_end() -> Steps:
    return [
        {"key": "aside", "type": "start_automation", "automation": "side-way"},
        _accrue("stamp", 1, "stamps", "coffee"),
        _tag("seen"),
        {"key": "unseen", "type": "remove_tag", "tag": "seen"},
        {"key": "shoe", "type": "set_attribute", "name": "shoe", "value": 41},
        {"key": "code", "type": "issue_coupon", "campaign": "thanks"},
        {"key": "tier", "type": "change_tier", "tier": "gold", "until": "P30D"},
    ]


def _side_way() -> Document:
    """Begun by the other one; waits for a birthday, which person 1 has not told."""
    return _document(
        "side-way",
        _external("side"),
        [
            {"key": "birthday", "type": "wait_until", "field": "customer.birthday"},
            _mail("wishes", "plain"),
        ],
        entry={"again": "once_per_days", "days": 30, "if_inside": "ignore", "cap": None},
    )


def _ten_points() -> Document:
    """Begins with what another automation gave; who sends something back has left."""
    return _document(
        "ten-points",
        {"type": "points_count_reached", "params": {"count": 10}},
        [
            _accrue("nine", 9, "stamps", "coffee"),
            _mail("ten-points", "careful"),
            {"key": "moment", "type": "wait", "for": "PT30M"},
            _tag("climber"),
        ],
        goal={"event": "order_refunded", "filter": None},
    )


def _answers() -> Document:
    """Two threads that the same event lets in: one starts anew, one is walked side by side."""
    wait = {"type": "wait", "for": "PT5H"}
    return {
        "format": 1,
        "slug": "answers",
        "name": "answers",
        "threads": [
            {
                "key": "anew",
                "triggers": [_external("answered")],
                "entry": {"again": "every_time", "if_inside": "restart", "cap": None},
                "steps": [wait | {"key": "five"}, _tag("patient")],
            },
            {
                "key": "beside",
                "triggers": [_external("answered")],
                "entry": {"again": "every_time", "if_inside": "parallel", "cap": None},
                "steps": [wait | {"key": "five-beside"}, _accrue("patience", 1)],
            },
        ],
    }


def _claims() -> Document:
    """Settles what two people claim. Somebody brought one of them, who pays; nobody gets anything
    for the other, so that one does not."""
    return _document(
        "claims",
        {"type": "points_claimed", "params": {"settles": True}},
        [
            {"key": "half-an-hour", "type": "wait", "for": "PT30M"},
            _accrue("thank-them", 1, "stamps", "coffee") | {"to": "referrer"},
            {"key": "push", "type": "send_push", "title": "Done", "text": "It is yours."},
        ],
    )
