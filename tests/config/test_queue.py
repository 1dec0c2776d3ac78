"""The queue between django-q2's processes outlives whoever is killed while using it."""

import multiprocessing
import os
import signal
import time

import django_q.cluster
import pytest

from config.queue import HEAVIEST, Queue, RecordLock, Value

fork = multiprocessing.get_context("fork")


def read_one(queue, answers):
    answers.put((os.getpid(), queue.get()))


def read_later(queue, answers):
    time.sleep(0.3)
    read_one(queue, answers)


@pytest.fixture
def process():
    """Starts processes, and leaves none behind."""
    started = []

    def start(target, *args):
        started.append(fork.Process(target=target, args=args))
        started[-1].start()
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.join()


def test_django_q_uses_our_queue():
    assert django_q.cluster.Queue is Queue
    assert django_q.cluster.Value is Value


def test_what_is_put_in_comes_out_in_order():
    queue = Queue()

    for item in (1, {"two": 2}, "STOP"):
        queue.put(item)

    assert queue.qsize() == 3
    assert list(iter(queue.get, "STOP")) == [1, {"two": 2}]
    assert queue.empty()
    assert queue.qsize() == 0


def test_a_reader_killed_while_it_waits_takes_nothing_along(process):
    queue, answers = Queue(), Queue()
    readers = [process(read_one, queue, answers) for _ in range(3)]
    time.sleep(0.2)

    for reader in readers[:2]:
        os.kill(reader.pid, signal.SIGKILL)
    queue.put("letter")

    assert answers.get() == (readers[2].pid, "letter")


def test_each_item_goes_to_one_reader(process):
    queue, answers = Queue(), Queue()
    for _ in range(8):
        process(read_one, queue, answers)

    for item in range(8):
        queue.put(item)

    assert sorted(answers.get()[1] for _ in range(8)) == list(range(8))
    assert queue.empty()


def test_a_full_queue_waits_for_a_reader(process):
    queue, answers = Queue(maxsize=2), Queue()
    queue.put(1)
    queue.put(2)
    process(read_later, queue, answers)

    started = time.monotonic()
    queue.put(3)

    assert time.monotonic() - started > 0.2
    assert queue.qsize() == 2


def test_readers_killed_before_they_counted_do_not_fill_the_queue():
    queue = Queue(maxsize=2)
    for item in (1, 2):
        queue.put(item)
    queue._outlet.recv(100), queue._outlet.recv(100)  # taken, never counted

    queue.put(3)

    assert queue.qsize() == 1


def test_an_item_that_is_too_heavy_is_refused():
    queue = Queue()

    with pytest.raises(ValueError, match="hand over an id"):
        queue.put("x" * HEAVIEST)
    queue.put("x" * (HEAVIEST - 100))

    assert len(queue.get()) == HEAVIEST - 100


def hold(lock, held):
    with lock:
        held.put("held")
        time.sleep(60)


def test_a_lock_dies_with_its_holder(process):
    lock, held = RecordLock(), Queue()
    holder = process(hold, lock, held)
    held.get()

    os.kill(holder.pid, signal.SIGKILL)

    with lock:
        pass


def take(lock, held):
    with lock:
        held.put("taken")


def test_a_lock_keeps_others_out_until_its_last_exit(process):
    lock, held = RecordLock(), Queue()

    with lock:
        with lock:
            process(take, lock, held)
        time.sleep(0.2)
        assert held.empty()

    assert held.get() == "taken"


def test_a_value_is_seen_by_all(process):
    timer = Value("f", -1)

    process(setattr, timer, "value", 63.0).join()

    assert timer.value == 63.0
    with timer.get_lock():
        timer.value -= 0.5
    assert timer.value == 62.5
