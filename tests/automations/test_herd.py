"""After an outage very many are due at once: oldest first, batch by batch, and all of them once."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection

from automations.engine import pump
from automations.models import Journey, StepRun
from automations.models.step import Step
from automations.outcomes import Outcome
from automations.place import Place
from automations.steps.add_tag import AddTag
from loyalty import clock, tokens
from loyalty.models import Customer
from tests.automations.chains import run, tag, wave
from tests.automations.ruled import ruled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]

HERD = 2_000
BATCH = 100


@pytest.fixture
def herd(now: datetime) -> None:
    """Two thousand people inside, overdue for up to three days, in no order."""
    ruled([{"key": "w", "type": "wait", "for": "P1D"}, tag("woken")], now)
    people = [Customer(external_id=f"p{number}", created_at=now) for number in range(HERD)]
    for number, customer in enumerate(Customer.objects.bulk_create(people)):
        wave(customer, now, f"wave {number}")
    run(now)
    minutes = Random(7).sample(range(3 * 24 * 60), HERD)
    waiting = list(Journey.objects.order_by("pk"))
    for journey, ago in zip(waiting, minutes, strict=True):
        journey.due_at = now - timedelta(minutes=ago)
    Journey.objects.bulk_update(waiting, ["due_at"], batch_size=500)


def test_two_thousand_overdue_drain_oldest_first(herd: None, now: datetime, settings: Any) -> None:
    settings.BATCH_ROWS = BATCH
    settings.BATCH_SECONDS = 60  # a slow machine makes smaller batches, not other ones
    due = dict(Journey.objects.values_list("pk", "due_at"))
    before = StepRun.objects.latest("pk").pk
    claimed: list[int] = []

    def count(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        if '"automations_journey"."due_at" <=' in sql and f"LIMIT {BATCH}" in sql:
            claimed.append(BATCH)
        return execute(sql, *more)

    with connection.execute_wrapper(count):
        run(now)

    woken = StepRun.objects.filter(pk__gt=before, step_key="w", outcome="done").order_by("pk")
    by_shard: dict[int, list[Any]] = defaultdict(list)
    for journey, shard in woken.values_list("journey", "journey__shard"):
        by_shard[shard].append(due[journey])
    assert sum(map(len, by_shard.values())) == HERD
    assert all(moments == sorted(moments) for moments in by_shard.values())
    assert set(Journey.objects.values_list("state", flat=True)) == {"finished"}
    assert sum(claimed) >= HERD


@pytest.mark.parametrize(
    ("scope", "used_ago", "most"),
    [
        ("scanner", timedelta(seconds=10), BATCH // 5),
        ("scanner", timedelta(minutes=10), BATCH),
        ("customers", timedelta(seconds=10), BATCH),
    ],
)
def test_batches_are_small_while_cards_are_scanned(
    herd: None, now: datetime, settings: Any, scope: str, used_ago: timedelta, most: int
) -> None:
    settings.BATCH_ROWS, settings.BATCH_ROWS_BESIDE_TILL = BATCH, BATCH // 5
    settings.BATCH_SECONDS = 60
    _token, plain = tokens.make_token("Key", [scope], now=now)
    tokens.find(plain, now=clock.now() - used_ago)
    limits = set()

    def look(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        if '"automations_journey"."due_at" <=' in sql and " LIMIT " in sql:
            limits.add(int(sql.rpartition(" LIMIT ")[2].split()[0]))
        return execute(sql, *more)

    with connection.execute_wrapper(look):
        pump.pump(pump.due(now)[0], now=now)

    assert limits == {most}


def test_slow_steps_make_a_batch_end_early(herd: None, now: datetime, settings: Any) -> None:
    settings.BATCH_ROWS = BATCH
    settings.BATCH_SECONDS = 0  # as if each handful had taken all the time there is

    assert pump.pump(pump.due(now)[0], now=now, budget=0) == BATCH // 4


def test_where_all_fail_a_batch_does_not_try_once_for_each(
    herd: None, now: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BATCH_ROWS = BATCH
    settings.BATCH_SECONDS = 60

    def fail(_step: AddTag, _place: Place) -> Outcome:
        raise RuntimeError("all of them")

    monkeypatch.setattr(AddTag, "run", fail)
    monkeypatch.setattr(AddTag, "run_many", Step.run_many)
    shard = pump.due(now)[0]
    due = Journey.objects.filter(shard=shard, due_at__lte=now).count()

    handled = pump.pump(shard, now=now, budget=0)

    assert 0 < handled < due / 2
    assert StepRun.objects.filter(outcome="retried").count() == handled
