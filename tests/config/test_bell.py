"""The broker hands out what is due, once, beside django-q2's own tasks."""

import pytest
from django.db import OperationalError, connection
from django_q.models import OrmQ, Task
from django_q.monitor import save_task
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from automations.engine import pump
from automations.models import Canary
from config import bell
from config.bell import Bell, Broker, bells, bells_of, clusters
from config.in_flight import board
from loyalty import clock
from loyalty.models import Event

PUMP = "automations.engine.pump.pump"


@pytest.fixture(autouse=True)
def _nothing_in_flight():
    board().clear()
    yield
    board().clear()


def tasks(packages):
    return [(ack_id, SignedPackage.loads(signed)) for ack_id, signed in packages]


@pytest.fixture
def broker(db):
    return Broker(list_key="regulars")


def pumps(packages):
    return [task for _ack_id, task in tasks(packages) if task["name"].startswith(PUMP)]


def the(task_path: str) -> Bell:
    return next(each for each in bells() if each.task_path == task_path)


def test_every_app_that_has_work_has_a_bell():
    assert {each.task_path for each in bells()} == {
        "integrations.intake.drain",
        "automations.engine.pump.pump",
        "automations.engine.housekeeping.keep",
        "messaging.dispatch.drain",
        "messaging.wallets.tell",
        "loyalty.calendar.settle",
        "loyalty.recounts.recount",
        "loyalty.tiers.keep",
        "loyalty.imports.work",
        "loyalty.exports.work",
    }


def test_every_bell_is_answered_by_one_cluster():
    answered = [each for cluster in clusters() for each in bells_of(cluster)]

    assert sorted(answered, key=str) == sorted(bells(), key=str)


def test_a_cluster_that_does_not_run_here_is_stood_in_for(settings):
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"ALT_CLUSTERS": {}}
    assert bells_of("regulars") == list(bells())

    settings.Q_CLUSTER = settings.Q_CLUSTER | {"ALT_CLUSTERS": {"io": {}}}
    assert {each.cluster for each in bells_of("io")} == {"io"}
    assert {each.cluster for each in bells_of("regulars")} == {"regulars"}


def test_what_is_due_is_handed_out_once(broker, dora):
    first, again = broker.dequeue(), broker.dequeue()

    [task] = pumps(first)
    assert tasks(first)[0][0] is None
    assert task["args"] == (the(PUMP).index, pump.due(clock.now())[0])
    assert pumps(again) == []
    assert not OrmQ.objects.exists()


def test_rings_take_turns_and_none_is_lost():
    assert {tuple(bell.by_turns([1, 2, 3])) for _turn in range(100)} == {
        (1, 2, 3),
        (2, 3, 1),
        (3, 1, 2),
    }
    assert bell.by_turns([]) == []


def test_a_shard_that_another_host_is_at_rests_for_a_moment(broker, dora):
    [task] = pumps(broker.dequeue())
    Canary.objects.create(shard=task["args"][1], owner="host-9:1", size=200, armed_at=clock.now())

    handled = bell.answer(*task["args"])

    assert handled == 0
    assert board().is_out(*task["args"])
    assert pumps(broker.dequeue()) == []


def test_what_was_answered_is_not_due_and_is_free_again(broker, dora):
    [task] = pumps(broker.dequeue())

    handled = bell.answer(*task["args"])

    assert handled == Event.objects.count()
    assert not board().is_out(*task["args"])
    assert pumps(broker.dequeue()) == []


def test_the_result_of_an_answer_is_not_kept(broker, dora):
    [task] = pumps(broker.dequeue())

    save_task(task | {"success": True, "result": 1, "ack_id": None}, broker)

    assert not Task.objects.exists()


def test_an_ordinary_task_is_handed_out_with_its_receipt(broker):
    async_task("math.hypot", 3, 4, broker=broker)

    [(ack_id, task)] = tasks(broker.dequeue())

    assert (task["func"], task["args"]) == ("math.hypot", (3, 4))
    assert ack_id == OrmQ.objects.get().pk
    assert broker.dequeue() == []


def test_a_task_that_fails_is_logged_and_rests_for_a_moment(monkeypatch, caplog):
    broken = Bell(0, "shop.due", "json.loads", "regulars")
    monkeypatch.setattr(bell, "bells", lambda: (broken,))

    handled = bell.answer(0, 5)

    assert handled == 0
    assert "json.loads(5) failed" in caplog.text
    assert board().ended_at(0) > 0
    assert board().is_out(0, 5)


def test_a_bell_that_fails_does_not_silence_the_others(caplog):
    broken = Bell(0, "json.loads", "shop.do", "regulars")

    assert bell.what_is_due(broken, clock.now()) == []
    assert "json.loads failed" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_waited_for(monkeypatch, caplog):
    naps: list[float] = []
    monkeypatch.setattr(bell, "sleep", naps.append)
    broker = Broker(list_key="regulars")

    def lost(execute, sql, params, many, context):
        raise OperationalError("the server closed the connection unexpectedly")

    with connection.execute_wrapper(lost):
        assert broker.dequeue() == broker.dequeue() == []

    assert naps == [bell.AFTER_AN_ERROR] * 2
    assert caplog.text.count("does not answer") == 1
    assert broker.dequeue() == []
    assert "answers again" in caplog.text
