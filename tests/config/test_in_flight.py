"""What was handed out is not handed out again, until it ended or was lost."""

import multiprocessing
import os

import pytest

from config import in_flight
from config.in_flight import FORGET_AFTER, RESTS, Board

fork = multiprocessing.get_context("fork")


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def clock(monkeypatch):
    """Moves the machine's clock by hand."""
    moment = [1000.0]
    monkeypatch.setattr(in_flight, "monotonic", lambda: moment[0])
    return moment


def test_what_was_handed_out_is_out_until_it_ends(board):
    board.hand_out(2, 7)
    assert board.is_out(2, 7)
    assert not board.is_out(2, 8)
    assert not board.is_out(1, 7)

    board.begin(2, 7)
    assert board.is_out(2, 7)

    board.end(2, 7)
    assert not board.is_out(2, 7)


def test_what_nobody_began_is_forgotten(board, clock):
    board.hand_out(0, 0)

    clock[0] += FORGET_AFTER - 0.1
    assert board.is_out(0, 0)

    clock[0] += 0.2
    assert not board.is_out(0, 0)


def test_what_found_nothing_is_out_for_a_moment(board, clock):
    board.begin(0, 0)
    board.rest(0, 0)

    assert board.ended_at(0) == clock[0]
    clock[0] += RESTS - 0.01
    assert board.is_out(0, 0)
    clock[0] += 0.02
    assert not board.is_out(0, 0)


def test_what_somebody_began_stays_out_as_long_as_it_takes(board, clock):
    board.begin(0, 0)

    clock[0] += 3600

    assert board.is_out(0, 0)
    assert board.at_work(0) == [(os.getpid(), 1000.0)]


def test_what_a_dead_process_began_is_due_again_at_once(board):
    worker = fork.Process(target=board.begin, args=(0, 0))
    worker.start()
    worker.join()

    assert not board.is_out(0, 0)
    assert board.at_work(0) == []


def test_what_failed_rests_for_a_moment(board, clock):
    board.begin(0, 0)

    board.fail(0, 0)

    assert board.is_out(0, 0)
    assert board.ended_at(0) == 1000.0
    clock[0] += FORGET_AFTER
    assert not board.is_out(0, 0)


def test_the_last_end_is_known_for_each_bell(board, clock):
    assert board.ended_at(3) == 0.0

    board.end(3, 1)
    clock[0] += 5
    board.end(4, 1)

    assert board.ended_at(3) == 1000.0
    assert board.ended_at(4) == 1005.0


def test_rings_of_any_number_have_a_slot(board):
    board.hand_out(0, 10**12)

    assert board.is_out(0, 10**12)


def test_a_fork_writes_on_the_same_board(board):
    if not (child := os.fork()):
        board.hand_out(1, 1)
        os._exit(0)
    os.waitpid(child, 0)

    assert board.is_out(1, 1)
