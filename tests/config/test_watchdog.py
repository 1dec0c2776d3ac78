"""When the worker is started again, and when it is left alone."""

import os
import signal
import sqlite3
import subprocess

import pytest
from django.db import connection

from config import watchdog
from config.bell import Bell
from config.in_flight import Board
from config.watchdog import HANGS_AFTER, MOST_PATIENCE, PATIENCE, Watch

START = 100_000.0
BELL = Bell(0, "shop.due", "shop.do", "regulars")


def watch(*, waits_for_carriers=False):
    return Watch("regulars", [BELL], Board(), waits_for_carriers, since=START)


def ended(board, monkeypatch, moment):
    monkeypatch.setattr("config.in_flight.monotonic", lambda: moment)
    board.end(BELL.index, 0)


def test_something_due_that_nobody_does_is_too_late_after_the_patience():
    over = watch()

    assert not over.looks(START + PATIENCE - 1, is_due=True)
    assert over.looks(START + PATIENCE + 1, is_due=True)


def test_nothing_due_is_never_too_late():
    over = watch()

    assert not over.looks(START + 10 * PATIENCE, is_due=False)
    assert not over.looks(START + 11 * PATIENCE - 1, is_due=True)


def test_each_end_renews_the_patience(monkeypatch):
    over = watch()
    ended(over.board, monkeypatch, START + 10)

    assert not over.looks(START + 10 + PATIENCE - 1, is_due=True)
    assert over.looks(START + 10 + PATIENCE + 1, is_due=True)


def test_a_group_after_one_in_which_nothing_ended_has_twice_the_time():
    over = watch()
    over.is_patient()

    assert not over.looks(START + 2 * PATIENCE - 1, is_due=True)
    assert over.looks(START + 2 * PATIENCE + 1, is_due=True)


def test_patience_has_an_end_and_goes_back_when_something_ends(monkeypatch):
    over = watch()
    for _group in range(9):
        over.is_patient()

    assert over.looks(START + MOST_PATIENCE + 1, is_due=True)
    ended(over.board, monkeypatch, START + MOST_PATIENCE)
    assert not over.looks(START + MOST_PATIENCE + PATIENCE - 1, is_due=True)
    assert over.looks(START + MOST_PATIENCE + PATIENCE + 1, is_due=True)


def test_a_letter_on_its_way_is_waited_for_but_not_for_ever(monkeypatch):
    over = watch(waits_for_carriers=True)
    monkeypatch.setattr("config.in_flight.monotonic", lambda: START)
    over.board.begin(BELL.index, 0)

    assert not over.looks(START + PATIENCE + 1, is_due=True)
    assert not over.looks(START + HANGS_AFTER - 1, is_due=True)
    assert over.looks(START + HANGS_AFTER + PATIENCE, is_due=True)


def test_a_pump_that_hangs_is_not_waited_for(monkeypatch):
    over = watch()
    monkeypatch.setattr("config.in_flight.monotonic", lambda: START)
    over.board.begin(BELL.index, 0)

    assert over.looks(START + PATIENCE + 1, is_due=True)


def test_a_stopped_process_is_told_from_a_sleeping_one():
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        assert not watchdog.is_stopped(sleeper.pid)

        sleeper.send_signal(signal.SIGSTOP)
        os.waitpid(sleeper.pid, os.WUNTRACED)

        assert watchdog.is_stopped(sleeper.pid)
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite alone has one lock for all")
def test_who_holds_the_write_lock_is_known(tmp_path, settings, monkeypatch):
    file = tmp_path / "shop.sqlite3"
    monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
    with sqlite3.connect(file, isolation_level=None) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        assert watchdog.write_lock_holder() == 0

        writer.execute("BEGIN IMMEDIATE")
        assert watchdog.write_lock_holder() == os.getpid()

        writer.execute("ROLLBACK")
        assert watchdog.write_lock_holder() == 0
    writer.close()


def test_the_write_lock_of_our_own_group_is_no_excuse():
    ours, theirs = os.getpgid(0), os.getpgid(os.getppid()) + 1

    assert not watchdog.is_somebody_elses(0, ours)
    assert not watchdog.is_somebody_elses(os.getpid(), ours)
    assert watchdog.is_somebody_elses(os.getpid(), theirs)
