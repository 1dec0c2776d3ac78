"""Two dispatchers, and a customer who changes her mind, at the same moment.

On SQLite every write waits for the one before it; what these tests are about shows on PostgreSQL.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction

from loyalty import customers
from loyalty.causes import Cause
from loyalty.models import Customer
from messaging import dispatch
from messaging.models import Message
from tests.messaging.carriers import Scripted

BY_STAFF = Cause("staff:1")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a race of rows needs row locks"),
]


@contextmanager
def others(n: int) -> Iterator[Callable[..., Future]]:
    """Threads with connections of their own, closed at the end."""
    with ThreadPoolExecutor(n) as pool:

        def run(work: Callable[[], object]) -> Future:
            def closing() -> object:
                try:
                    return work()
                finally:
                    connections.close_all()

            return pool.submit(closing)

        yield run


def test_two_dispatchers_share_the_work_and_send_nothing_twice(alice, scripted, say, now):
    for n in range(60):
        say(alice, key=f"journey:{n}:1", sender=scripted)
    start = threading.Barrier(4)

    def drain() -> int:
        start.wait()
        return dispatch.drain(0, now=now, budget=30)

    with others(4) as run:
        handled = [future.result() for future in [run(drain) for _worker in range(4)]]

    assert sum(handled) == 60
    assert sorted(Scripted.sent) == sorted(f"journey:{n}:1" for n in range(60))
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_a_withdrawal_that_has_begun_wins(alice, scripted, say, now):
    """The dispatcher waits for it: the row is locked before consent is read."""
    say(alice, sender=scripted)

    with others(1) as run:
        with transaction.atomic():
            customers.set_consent(
                alice, "email", False, source="her reply", cause=BY_STAFF, now=now
            )
            draining = run(lambda: dispatch.drain(0, now=now))
            time.sleep(0.3)
            assert not draining.done()
        draining.result()

    assert Message.objects.get().state == "refused"
    assert Scripted.sent == []


def test_what_was_sent_was_sent_before_the_withdrawal(alice, scripted, say, now):
    order: list[str] = []
    for n in range(20):
        say(alice, key=f"journey:{n}:1", sender=scripted)
    Scripted.script[:] = [order.append] * 20

    def withdraw() -> None:
        time.sleep(0.02)
        customers.set_consent(alice, "email", False, source="reply", cause=BY_STAFF, now=now)
        order.append("withdrawn")

    with others(1) as run:
        withdrawing = run(withdraw)
        dispatch.drain(0, now=now, budget=30)
        withdrawing.result()

    # One may have been on its way out when she said it; none set out afterwards.
    assert len(order) - order.index("withdrawn") - 1 <= 1
    assert Message.objects.filter(state="sent").count() == len(Scripted.sent)
    assert Message.objects.filter(state="refused").count() == 20 - len(Scripted.sent)


def test_erasing_and_sending_at_once_do_not_lock_each_other_out(alice, scripted, say, now):
    for n in range(30):
        say(alice, key=f"journey:{n}:1", sender=scripted)

    with others(1) as run:
        draining = run(lambda: dispatch.drain(0, now=now, budget=30))
        customers.erase(alice, cause=BY_STAFF, now=now)
        draining.result()

    assert Customer.objects.get(pk=alice.pk).erased_at == now
    assert set(Message.objects.values_list("to", "subject", "html")) <= {("", "", "")}
