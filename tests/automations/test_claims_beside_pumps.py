"""A customer who wants back what they claimed, at the moment an automation takes it over."""

from functools import partial

import pytest
from django.db import connection

from automations.engine import pump
from automations.models import Journey
from loyalty import holds
from loyalty.events import shard_of
from loyalty.ledger.audit import broken
from loyalty.models import Coupon, Event, Hold
from tests.automations.chains import run, working
from tests.cast import balances, give
from tests.loyalty import codes
from tests.loyalty.claims import claim
from tests.loyalty.test_holds_at_once import winners

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8
CLAIMED = {"type": "points_claimed", "params": {"settles": True}}
CODE = {"key": "c", "type": "issue_coupon", "campaign": "ten"}


def test_whoever_has_the_code_has_paid(regular, aurora_card, now):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one writer in at a time; PostgreSQL is what this is about.")
    codes.campaign(slug="ten")
    working([CODE], now, trigger=CLAIMED, entry={"again": "every_time"})
    for turn in range(ROUNDS):
        give(aurora_card, 50, f"rich {turn}", now)
        Event.objects.update(entered_at=now)
        hold = claim(aurora_card, now, key=f"claim {turn}")

        winners(
            partial(holds.take_back, hold, now=now),
            partial(pump.pump, shard_of(regular.subject), now=now),
        )
        run(now)

    paid = Hold.objects.filter(state="captured").count()
    assert Coupon.objects.count() == Journey.objects.count() == paid
    assert Hold.objects.filter(state="voided").count() == ROUNDS - paid
    assert balances(aurora_card)["points"] == 50 * (ROUNDS - paid)
    assert broken(now) == []
