"""Points towards a tier: counted over a time they are what the ledger says was ever earned."""

from datetime import timedelta

import pytest

from loyalty.models import Account
from loyalty.tiers import counting
from tests.loyalty.postings import accrue, redeem, reverse
from tests.loyalty.shop import paid, refund

pytestmark = pytest.mark.django_db


def test_over_all_time_and_since_ever_it_is_the_same(points, dora, now):
    since = now - timedelta(days=9_000)
    given = accrue(points, 50, "a", now)
    accrue(points, 30, "b", now)
    taken = redeem(points, 40, "c", now)
    reverse(given.id, "d", now)
    reverse(taken.id, "e", now)
    paid(now, 2_000)
    refund(now, 500)

    assert counting.count("points", [dora.pk], None) == {dora.pk: 45}
    assert counting.count("points", [dora.pk], since) == {dora.pk: 45}
    assert Account.objects.get(card=points, unit="points").lifetime_in == 45


def test_what_was_earned_before_is_not_counted(points, dora, now):
    accrue(points, 50, "a", now - timedelta(days=10))
    accrue(points, 30, "b", now)

    assert counting.count("points", [dora.pk], now - timedelta(days=5)) == {dora.pk: 30}
