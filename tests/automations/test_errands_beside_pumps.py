"""A ring of customers who give to each other, in as many pumps at once."""

from functools import partial
from typing import Any

import pytest
from django.db import connection

from automations.engine import pump
from automations.models import Journey
from loyalty import cards
from loyalty.events import shard_of
from loyalty.ledger.audit import broken
from loyalty.models import Event, Referral
from tests.automations.chains import run, wave, working
from tests.cast import BY_STAFF, balances, person
from tests.loyalty import codes
from tests.loyalty.test_holds_at_once import winners

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, TURNS = 12, 4


def test_pumps_do_not_wait_for_each_other(aurora, now):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one writer in at a time; PostgreSQL is what this is about.")
    people = [person(now, email=f"p{n}@example.com") for n in range(PEOPLE)]
    give: dict[str, Any] = {"type": "accrue", "program": "aurora", "unit": "points", "amount": 1}
    steps: list[dict[str, Any]] = [
        {**give, "key": "own"},
        {"type": "add_tag", "tag": "seen", "key": "t"},
        {**give, "key": "up", "to": "referrer"},
        {**give, "key": "down", "to": "referred"},
        {"type": "issue_coupon", "campaign": "ten", "key": "c", "to": "referrer"},
    ]
    codes.campaign(slug="ten")
    working(steps, now, entry={"again": "every_time"})
    for each in people:
        cards.issue(aurora, each, cause=BY_STAFF, now=now)
    for before, each in zip(people[-1:] + people, people, strict=False):
        card = before.cards.get()
        Referral.objects.create(
            card=card, referrer=before, referred=each, state="rewarded", joined_at=now
        )
    Event.objects.update(entered_at=now)
    shards = {shard_of(each.subject) for each in people}
    for turn in range(TURNS):
        for each in people:
            wave(each, now, key=f"wave {turn} {each.pk}")
        winners(*[partial(pump.pump, shard, now=now) for shard in shards])
    run(now)

    assert Journey.objects.count() == PEOPLE * TURNS
    assert {balances(each.cards.get())["points"] for each in people} == {3 * TURNS}
    assert broken(now) == []
