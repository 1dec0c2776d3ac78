"""Posting: keys, stamps, refusals."""

from datetime import datetime, timedelta

import pytest

from loyalty import cards, ledger
from loyalty.errors import (
    CardExpired,
    IllegalOperation,
    InsufficientBalance,
    KeyReuse,
    NotFound,
)
from loyalty.ledger import Kind
from loyalty.ledger.audit import broken
from loyalty.models import Card, Entry, Event
from loyalty.programs.stamp import StampProgram
from tests.loyalty.postings import TILL, accrue, held, posting, redeem, rows, said

pytestmark = pytest.mark.django_db


def test_the_same_key_is_posted_once(points: Card, now: datetime) -> None:
    first = accrue(points, 40, "a", now)
    before = rows()

    again = accrue(points, 40, "a", now)

    assert again.is_replay
    assert again.id == first.id
    assert said(again) == said(first)
    assert rows() == before
    assert held(points) == {"points": 40}


def test_the_same_key_for_something_else_is_refused(points: Card, now: datetime) -> None:
    accrue(points, 40, "a", now)
    before = rows()

    with pytest.raises(KeyReuse):
        accrue(points, 41, "a", now)

    assert rows() == before


def test_ten_stamps_are_one_operation_with_three_entries(stamps: Card, now: datetime) -> None:
    posted = accrue(stamps, 10, "ten", now)

    assert said(posted) == [("stamps", 10, 10), ("stamps", -10, 0), ("rewards", 1, 1)]
    assert held(stamps) == {"stamps": 0, "rewards": 1}


@pytest.mark.parametrize(
    ("has", "gets", "stays", "earns"),
    [(8, 5, 3, 1), (8, 15, 3, 2), (0, 9, 9, 0), (9, 1, 0, 1), (0, 100, 0, 10), (5, 27, 2, 3)],
)
def test_what_overflows_starts_the_next_row(
    stamps: Card, now: datetime, has: int, gets: int, stays: int, earns: int
) -> None:
    if has:
        accrue(stamps, has, "before", now)

    accrue(stamps, gets, "then", now)

    assert held(stamps) == {"stamps": stays, "rewards": earns}


def test_fifteen_stamps_on_eight_pass_two_rows_one_after_the_other(
    stamps: Card, now: datetime
) -> None:
    accrue(stamps, 8, "eight", now)
    Event.objects.all().delete()

    accrue(stamps, 15, "fifteen", now)

    told = Event.objects.filter(name="balance_changed").order_by("pk")
    assert [
        (e.data["unit"], e.data["before"], e.data["after"], e.data["cycle"]) for e in told
    ] == [
        ("stamps", 8, 10, 1), ("stamps", 10, 0, 1), ("rewards", 0, 1, 1),
        ("stamps", 0, 10, 2), ("stamps", 10, 0, 2), ("rewards", 1, 2, 2),
        ("stamps", 0, 3, 3),
    ]  # fmt: skip


def test_a_slip_of_the_finger_fills_its_rows_at_once(stamps: Card, now: datetime) -> None:
    accrue(stamps, 4, "four", now)

    posted = accrue(stamps, 10**9, "a billion", now)

    assert held(stamps) == {"stamps": 4, "rewards": 10**8}
    assert len(posted.lines) < 400
    assert broken(now) == []


def test_a_program_that_asks_for_fewer_stamps_now_lets_a_fuller_card_catch_up(
    stamps: Card, now: datetime
) -> None:
    accrue(stamps, 9, "nine", now)
    StampProgram.objects.filter(pk=stamps.program_id).update(stamps_per_reward=4)

    accrue(stamps, 1, "one", now)

    assert held(stamps) == {"stamps": 2, "rewards": 2}
    assert broken(now) == []


def test_a_reward_is_taken_once(stamps: Card, now: datetime) -> None:
    accrue(stamps, 10, "ten", now)

    redeem(stamps, 1, "take", now)
    with pytest.raises(InsufficientBalance):
        redeem(stamps, 1, "take again", now)

    assert held(stamps) == {"stamps": 0, "rewards": 0}


def test_more_than_there_is_is_refused_and_changes_nothing(points: Card, now: datetime) -> None:
    accrue(points, 40, "a", now)
    before = rows()

    with pytest.raises(InsufficientBalance):
        redeem(points, 41, "b", now)

    assert rows() == before
    assert held(points) == {"points": 40}


def test_a_unit_the_card_does_not_count_is_refused(points: Card, now: datetime) -> None:
    with pytest.raises(IllegalOperation):
        accrue(points, 1, "a", now, unit="stamps")

    assert not Entry.objects.filter(account__card=points).exists()


def test_an_expired_card_gives_and_takes_nothing(points: Card, now: datetime) -> None:
    accrue(points, 40, "a", now)
    cards.change_expiry(points, now + timedelta(days=1), now=now)
    later = now + timedelta(days=2)
    before = rows()

    for act in (accrue, redeem):
        with pytest.raises(CardExpired):
            act(points, 1, "b", later)

    assert rows() == before


def test_a_deleted_card_is_not_found(points: Card, now: datetime) -> None:
    cards.delete(points, cause=TILL, now=now)

    with pytest.raises(NotFound):
        accrue(points, 1, "a", now)


def test_a_refusal_leaves_the_book_usable(points: Card, now: datetime) -> None:
    with ledger.open(cards=[points.pk], now=now) as book:
        book.post(posting(points, Kind.ACCRUE, 5, "a"))
        with pytest.raises(InsufficientBalance):
            book.post(posting(points, Kind.REDEEM, 6, "b"))
        book.post(posting(points, Kind.REDEEM, 5, "c"))

    assert held(points) == {"points": 0}
    assert broken(now) == []
