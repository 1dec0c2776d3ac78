"""The ledger's own rules, card type by card type."""

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction

from loyalty import cards, ledger
from loyalty.causes import Cause
from loyalty.errors import (
    AlreadyReversed,
    CardExpired,
    IllegalOperation,
    InsufficientBalance,
    KeyReuse,
    NotFound,
)
from loyalty.ledger import Kind, Posted, Posting
from loyalty.ledger.audit import broken
from loyalty.models import (
    Account,
    Business,
    Card,
    Entry,
    Event,
    Lot,
    Move,
    Operation,
    Program,
    StampProgram,
)
from loyalty.zones import later

pytestmark = pytest.mark.django_db

TILL = Cause("scan")


def posting(card: Card, kind: Kind, amount: int, key: str, unit: str = "") -> Posting:
    return Posting(
        card_id=card.pk,
        kind=kind,
        key=key,
        actor="staff:1",
        cause=TILL,
        unit=unit or card.program.earns,
        amount=amount,
    )


def accrue(card: Card, amount: int, key: str, now: datetime, unit: str = "") -> Posted:
    return ledger.post(posting(card, Kind.ACCRUE, amount, key, unit), now=now)


def redeem(card: Card, amount: int, key: str, now: datetime, unit: str = "") -> Posted:
    unit = unit or card.program.spends
    return ledger.post(posting(card, Kind.REDEEM, amount, key, unit), now=now)


def reverse(operation_id: int, key: str, now: datetime) -> Posted:
    operation = Operation.objects.get(pk=operation_id)
    wish = posting(operation.card, Kind.REVERSE, 0, key)
    with ledger.open(cards=[operation.card_id], now=now) as book:
        return ledger.reverse(book, operation, wish)


def held(card: Card) -> dict[str, int]:
    return dict(Account.objects.filter(card=card).values_list("unit", "balance"))


def owed(card: Card) -> dict[str, int]:
    return dict(Account.objects.filter(card=card, debt__gt=0).values_list("unit", "debt"))


def rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Operation, Entry, Lot, Move, Event))


def said(posted: Posted) -> list[tuple[str, int, int]]:
    return [(line.unit, line.amount, line.balance) for line in posted.lines]


@pytest.fixture
def stamps(coffee_card: Card) -> Card:
    return coffee_card


@pytest.fixture
def points(aurora_card: Card) -> Card:
    return aurora_card


# --- Keys -----------------------------------------------------------------------------------------


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


# --- Stamps ---------------------------------------------------------------------------------------


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


# --- Refusals -------------------------------------------------------------------------------------


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


# --- Lots and expiry ------------------------------------------------------------------------------


@pytest.fixture
def short_lived(points: Card) -> Card:
    Program.objects.filter(pk=points.program_id).update(lot_life_days=30)
    return points


def test_what_was_earned_for_thirty_days_is_gone_after_them(
    short_lived: Card, now: datetime
) -> None:
    accrue(short_lived, 40, "a", now)
    after = later(now, 30, 0, Business.get().time_zone)

    assert ledger.settle_due(10, now=after - timedelta(seconds=1)) == 0
    assert ledger.settle_due(10, now=after) == 1
    assert ledger.settle_due(10, now=after) == 0

    assert held(short_lived) == {"points": 0}
    assert Operation.objects.get(kind="expire").at == after
    assert Event.objects.get(name="value_expired").data == {"unit": "points", "amount": 40}


def test_an_expired_point_is_never_spent_though_nobody_swept(
    short_lived: Card, now: datetime
) -> None:
    accrue(short_lived, 40, "old", now)
    accrue(short_lived, 5, "new", now + timedelta(days=20))

    with pytest.raises(InsufficientBalance):
        redeem(short_lived, 6, "too much", now + timedelta(days=31))
    redeem(short_lived, 5, "enough", now + timedelta(days=31))

    assert held(short_lived) == {"points": 0}


def test_lots_go_soonest_expiry_first_then_oldest(points: Card, now: datetime) -> None:
    for key, life in (("never", None), ("late", 90), ("soon", 10), ("soon too", 10)):
        Program.objects.filter(pk=points.program_id).update(lot_life_days=life)
        accrue(points, 10, key, now)

    redeem(points, 25, "spend", now)

    left = Lot.objects.order_by("pk").values_list("remaining", flat=True)
    assert list(left) == [10, 5, 0, 0]
    assert broken(now) == []


def test_spending_reads_no_more_lots_than_it_needs(points: Card, now: datetime) -> None:
    for n in range(45):
        accrue(points, 1, f"lot {n}", now)

    redeem(points, 44, "nearly all", now)

    assert Lot.objects.get(remaining=1).entry.operation.key == "lot 44"
    assert broken(now) == []


# --- Reversal -------------------------------------------------------------------------------------


def test_an_accrual_is_reversed_whole_and_once(points: Card, now: datetime) -> None:
    posted = accrue(points, 40, "a", now)

    reversal = reverse(posted.id, "undo", now)
    with pytest.raises(AlreadyReversed):
        reverse(posted.id, "undo again", now)

    assert said(reversal) == [("points", -40, 0)]
    assert reverse(posted.id, "undo", now).is_replay
    assert broken(now) == []


def test_ten_stamps_reversed_take_the_reward_back_too(stamps: Card, now: datetime) -> None:
    accrue(stamps, 3, "three", now)
    posted = accrue(stamps, 10, "ten", now)

    reverse(posted.id, "undo", now)

    assert held(stamps) == {"stamps": 3, "rewards": 0}
    assert Account.objects.get(card=stamps, unit="rewards").lifetime_in == 0
    assert broken(now) == []


def test_what_is_missing_at_a_reversal_becomes_debt_that_later_earnings_pay_first(
    points: Card, now: datetime
) -> None:
    posted = accrue(points, 40, "a", now)
    redeem(points, 30, "spent", now)

    reverse(posted.id, "undo", now)
    owes = owed(points)
    paid = accrue(points, 50, "b", now)

    assert owes == {"points": 30}
    assert said(paid) == [("points", 20, 20)]
    assert owed(points) == {}
    assert broken(now) == []


def test_a_card_that_owes_stamps_pays_them_before_its_row_fills(
    stamps: Card, now: datetime
) -> None:
    posted = accrue(stamps, 8, "eight", now)
    redeem(stamps, 6, "taken off", now, unit="stamps")
    reverse(posted.id, "undo", now)

    accrue(stamps, 15, "fifteen", now)

    assert owed(stamps) == {}
    assert held(stamps) == {"stamps": 9, "rewards": 0}
    assert broken(now) == []


def test_a_reward_already_taken_is_owed_after_its_stamps_are_reversed(
    stamps: Card, now: datetime
) -> None:
    posted = accrue(stamps, 10, "ten", now)
    redeem(stamps, 1, "take", now)

    reverse(posted.id, "undo", now)

    assert held(stamps) == {"stamps": 0, "rewards": 0}
    assert owed(stamps) == {"rewards": 1}
    assert broken(now) == []


def test_a_redemption_reversed_goes_back_into_its_own_lots(points: Card, now: datetime) -> None:
    for key in ("a", "b"):
        accrue(points, 10, key, now)
    spent = redeem(points, 15, "spend", now)

    reverse(spent.id, "undo", now)

    assert list(Lot.objects.order_by("pk").values_list("remaining", flat=True)) == [10, 10]
    assert Account.objects.get(card=points).lifetime_out == 0
    assert broken(now) == []


def test_points_given_back_to_an_expired_lot_get_thirty_days_grace(
    short_lived: Card, now: datetime
) -> None:
    accrue(short_lived, 10, "a", now)
    spent = redeem(short_lived, 10, "spend", now)
    late = now + timedelta(days=40)

    reverse(spent.id, "undo", late)

    lot = Lot.objects.get(remaining=10)
    assert lot.expires_at == late + timedelta(days=30)
    assert held(short_lived) == {"points": 10}
    assert broken(late) == []


@pytest.mark.parametrize("kind", ["reverse", "expire", "refund", "issue"])
def test_what_follows_from_something_else_is_not_reversed(
    short_lived: Card, now: datetime, kind: str
) -> None:
    first = accrue(short_lived, 10, "a", now)
    late = now + timedelta(days=40)
    match kind:
        case "reverse":
            reverse(first.id, "undo", now)
        case "expire":
            ledger.settle_due(1, now=late)
        case "refund":
            ledger.post(posting(short_lived, Kind.REFUND, -3, "refund"), now=now)
    operation = Operation.objects.filter(card=short_lived, kind=kind).latest("pk")
    before = rows()

    with pytest.raises(IllegalOperation):
        reverse(operation.pk, "no", late)

    assert Operation.objects.count() == before[0]


# --- The tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [Operation, Entry, Move, Lot])
def test_ledger_rows_are_never_deleted(
    points: Card, now: datetime, model: type[Entry], ledger_guarded: None
) -> None:
    accrue(points, 40, "a", now)

    with pytest.raises(DatabaseError, match="never edited or deleted"), transaction.atomic():
        model.objects.all()._raw_delete("default")

    assert held(points) == {"points": 40}


@pytest.mark.parametrize(
    ("model", "field"), [(Operation, "actor"), (Entry, "amount"), (Move, "delta")]
)
def test_ledger_rows_are_never_edited(
    points: Card, now: datetime, model: type[Entry], field: str
) -> None:
    accrue(points, 40, "a", now)

    with pytest.raises(DatabaseError, match="never edited or deleted"), transaction.atomic():
        model.objects.update(**{field: 7})


def test_the_database_itself_refuses_a_negative_balance(points: Card, now: datetime) -> None:
    with pytest.raises(DatabaseError, match="a_balance_is_never_negative"), transaction.atomic():
        Account.objects.filter(card=points).update(balance=-1)


@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        ("UPDATE loyalty_account SET balance = balance + 1", "sum of its entries"),
        ("UPDATE loyalty_account SET debt = 3, balance = 0", "sum of its entries' debts"),
        ("UPDATE loyalty_account SET seq = seq + 1", "without a gap"),
        ("UPDATE loyalty_lot SET remaining = remaining - 1", "sum of its moves"),
        ("UPDATE loyalty_lot SET expires_at = '2020-01-01 00:00:00'", "nobody will settle it"),
    ],
)
def test_the_audit_finds_what_was_tampered_with(
    points: Card, now: datetime, harm: str, rule: str
) -> None:
    accrue(points, 40, "a", now)
    assert broken(now) == []

    with connection.cursor() as cursor:
        cursor.execute(harm)

    assert any(rule in line for line in broken(now))


@pytest.fixture
def ledger_guarded() -> None:
    """Tests that empty tables take the delete triggers away on SQLite; put one set back."""
    if connection.vendor == "sqlite":
        migration = import_module("loyalty.migrations.0002_ledger_rows_stay")
        with connection.cursor() as cursor:
            for name, table, verb in migration.rules():
                if verb == "DELETE":
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                    cursor.execute(migration.trigger("sqlite", name, table, verb))


def test_a_single_posting_is_a_dozen_statements(
    points: Card, now: datetime, django_assert_max_num_queries: object
) -> None:
    accrue(points, 40, "a", now)

    with django_assert_max_num_queries(20):  # type: ignore[operator]
        redeem(points, 10, "b", now)
