"""Two pumps of one shard leave each other alone, as long as both are alive."""

from datetime import datetime, timedelta

import pytest

from automations.engine import pump
from automations.models import Canary
from loyalty import clock
from loyalty.models import Customer
from tests.automations.chains import tag, wave, working

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]


def test_a_shard_that_somebody_is_pumping_is_left_to_them(now: datetime, alice: Customer) -> None:
    working([tag("x")], now)
    wave(alice, now)
    [shard] = pump.due(now)
    Canary.objects.create(shard=shard, owner="elsewhere:1", size=200, armed_at=clock.now())

    assert pump.pump(shard, now=now) == 0


def test_a_shard_whose_pump_fell_silent_is_taken_over(now: datetime, alice: Customer) -> None:
    working([tag("x")], now)
    wave(alice, now)
    [shard] = pump.due(now)
    silent = clock.now() - timedelta(seconds=4)
    Canary.objects.create(shard=shard, owner="elsewhere:1", size=200, armed_at=silent)

    assert pump.pump(shard, now=now) > 0
    assert not Canary.objects.exists()
