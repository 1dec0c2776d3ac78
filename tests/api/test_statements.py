"""How often the till asks the database: what stands between a scan and its answer."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty import clock, holds
from loyalty.models import Card, Program, Reward
from tests.api.caller import Caller
from tests.cast import give


@pytest.fixture
def points_card(alice, aurora: Program) -> Card:
    """With points, and rewards to choose from."""
    for n in (5, 10, 20):
        Reward.objects.create(program=aurora, name=f"Reward at {n}", price=n)
    return Card.objects.get(customer=alice, program=aurora)


def asked(till: Caller, path: str, body: dict[str, Any]) -> list[str]:
    """What one request sends, the marks of the test's own transaction left out. It is the second
    of its kind: programs are known to this process, and the token was used within the minute."""
    for _first in range(2):
        key = uuid.uuid4().hex
        with CaptureQueriesContext(connection) as queries:
            answer = till.post(path, body, key=key)
        assert answer.status_code == 200, answer.content
    return [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"].upper()]


def test_a_scan_asks_for_the_token_the_card_and_what_it_holds_and_tells_it(till, points_card):
    sent = asked(till, "scan/", {"code": points_card.code})

    tables = ["apitoken", '"loyalty_card"', "INSERT INTO", "account"]
    assert [name in sql for name, sql in zip(tables, sent, strict=True)] == [True] * 4, sent


def test_what_is_held_of_a_card_is_asked_for_where_there_is_something(till, points_card, now):
    give(points_card, 50, "more", now)
    cheapest = points_card.program.rewards.get(price=5)
    holds.claim(points_card, reward=cheapest, key="claim", now=clock.now())

    sent = asked(till, "scan/", {"code": points_card.code})

    assert len(sent) == 5
    answer = till.post("scan/", {"code": points_card.code})
    assert [each["amount"] for each in answer.json()["card"]["claims"]] == [5]


@pytest.mark.parametrize(
    ("verb", "body", "most"),
    [("accrue", {"amount": 1}, 14), ("redeem", {}, 17)],
)
def test_giving_and_taking_ask_no_more_than_this(till, full_card, verb, body, most):
    till.once(f"cards/{full_card.serial}/accrue/", {"amount": 30})

    sent = asked(till, f"cards/{full_card.serial}/{verb}/", body)

    assert len(sent) <= most, "\n".join(sent)
