"""A claim is settled at the moment an automation takes it over or gives something for it, or the
power goes."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from automations.engine import pump
from automations.models import Journey
from loyalty import cards, holds
from loyalty.events import shard_of
from loyalty.ledger.audit import broken
from loyalty.models import Coupon, Event, Hold
from tests.automations.chains import run, working
from tests.cast import BY_STAFF, balances, give
from tests.loyalty import codes
from tests.loyalty.claims import capture, claim, void
from tests.loyalty.test_holds_at_once import winners

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8
CLAIMED = {"type": "points_claimed", "params": {"settles": True}}
CODE = {"key": "c", "type": "issue_coupon", "campaign": "ten"}
WAIT = {"key": "w", "type": "wait", "for": "PT1H"}
HOUR = timedelta(hours=1)


class PowerCut(BaseException):
    """Nobody catches it."""


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


@pytest.mark.parametrize("how", ["handed over", "given back", "lapsed", "deleted"])
def test_nobody_has_the_code_and_the_points(regular, aurora_card, now, how):
    """A pump wakes to give the code while somebody else settles the claim."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one writer in at a time; PostgreSQL is what this is about.")
    codes.campaign(slug="ten")
    working([WAIT, CODE], now, trigger=CLAIMED, entry={"again": "every_time"})
    for turn in range(1 if how == "deleted" else ROUNDS):
        give(aurora_card, 50, f"rich {turn}", now)
        Event.objects.update(entered_at=now)
        hold = claim(aurora_card, now, key=f"claim {turn}")
        run(now)
        before = Coupon.objects.count()
        settling: dict[str, Callable[[], object]] = {
            "handed over": partial(capture, hold, now, f"captured {turn}"),
            "given back": partial(void, hold, now, f"voided {turn}"),
            "lapsed": partial(holds.void_overdue, 10, now=hold.until),
            "deleted": partial(cards.delete, aurora_card, cause=BY_STAFF, now=now),
        }

        winners(settling[how], partial(pump.pump, shard_of(regular.subject), now=now + HOUR))
        run(now + HOUR)

        hold.refresh_from_db()
        given = Coupon.objects.count() - before
        assert (hold.state, given) in {("captured", 1), ("voided", 0)}
    assert not Journey.objects.filter(ended_at=None).exists()
    assert broken(now) == []


def test_the_power_goes_between_any_two_statements(regular, aurora_card, now, settings):
    settings.MOST_ENTRIES_A_DAY = 500
    codes.campaign(slug="ten")
    working([CODE, WAIT], now, trigger=CLAIMED, entry={"again": "every_time"})
    turn, is_through = 0, False
    while not is_through:
        give(aurora_card, 50, f"rich {turn}", now)
        Event.objects.update(entered_at=now)
        hold = claim(aurora_card, now, key=f"claim {turn}")
        left = turn

        def cut(execute: Callable[..., Any], *rest: Any) -> Any:
            nonlocal left
            left -= 1
            if left == -1:
                raise PowerCut
            return execute(*rest)

        with connection.execute_wrapper(cut), suppress(PowerCut):
            pump.pump(shard_of(regular.subject), now=now)
            is_through = True
        hold.refresh_from_db()
        assert (hold.state == "captured") == (Coupon.objects.count() == turn + 1)
        run(now)
        run(now + HOUR)

        hold.refresh_from_db()
        turn += 1
        assert (hold.state, Coupon.objects.count()) == ("captured", turn)
    assert turn > 20
    assert balances(aurora_card)["points"] == 0
    assert broken(now) == []
