"""A process that writes an export is killed, and the file is whole; the erased are in none."""

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread

import pytest
from django.db import connection, connections, transaction

from loyalty import clock, customers, exports
from loyalty.exports.assembling import LOST_AFTER
from loyalty.exports.scratch import PREFIX
from loyalty.models import Customer, Export
from tests.cast import BY_STAFF
from tests.loyalty.leaving import asked, bytes_of, lines_of, rows_of, written

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="its test database is one process's"),
]

PEOPLE = 10_000


def killed_when(source: Export, is_the_time: Callable[[Export], bool]) -> None:
    """A process writes it, until it is the time."""

    def write() -> None:
        while exports.due(clock.now()):
            exports.work(source.pk)

    connections.close_all()
    process = get_context("fork").Process(target=write)
    process.start()
    while not is_the_time(source) and process.is_alive():
        time.sleep(0.01)
        source.refresh_from_db()
    process.kill()
    process.join()


def left_behind() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def test_a_writer_that_is_killed_twice_leaves_the_file_whole(business, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("loyalty.exports.assembling.BEAT", 0.02)
    Customer.objects.bulk_create(
        Customer(email=f"n{n}@example.com", first_name="Ann") for n in range(PEOPLE)
    )
    source = asked(clock.now(), "xlsx")

    killed_when(source, lambda seen: seen.cursor > 2)
    assert 2 < source.cursor < source.parts
    killed_when(source, lambda seen: seen.assembled > 0)
    assert (source.is_at_work, len(left_behind())) == (True, 1)
    now = clock.now() + LOST_AFTER + timedelta(seconds=1)
    file = bytes_of(written(source, now), now)

    emails = [line[0] for line in lines_of(file)[1:]]
    assert (len(emails), len(set(emails))) == (PEOPLE, PEOPLE)
    assert left_behind() == []


def test_who_is_being_erased_is_in_no_file_that_is_asked_for_meanwhile(alice, bob, now):
    is_erased, is_taken = Event(), Event()

    def erase() -> None:
        with transaction.atomic():
            customers.erase(alice, cause=BY_STAFF, now=now)
            is_erased.set()
            is_taken.wait(1)  # who waits for the erasure takes it only afterwards
        connections.close_all()

    eraser = Thread(target=erase)
    eraser.start()
    assert is_erased.wait(10)

    source = asked(now)
    file = bytes_of(written(source, now), now)
    is_taken.set()
    eraser.join()

    assert source.customers == 2
    assert [each["First name"] for each in rows_of(file)] == ["Bob"]
