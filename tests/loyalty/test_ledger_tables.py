"""What the database itself refuses, and what the audit finds."""

from datetime import datetime
from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction

from loyalty.ledger.audit import broken
from loyalty.models import (
    Account,
    Card,
    Entry,
    Lot,
    Move,
    Operation,
)
from tests.loyalty.postings import accrue, held, redeem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Operation, Entry, Move, Lot])
def test_ledger_rows_are_never_deleted(
    points: Card, now: datetime, model: type[Entry], ledger_guarded: None
) -> None:
    accrue(points, 40, "a", now)
    redeem(points, 10, "b", now)

    with pytest.raises(DatabaseError, match="never edited or deleted"), transaction.atomic():
        model.objects.all()._raw_delete("default")

    assert held(points) == {"points": 30}


@pytest.mark.parametrize(
    ("model", "field"), [(Operation, "actor"), (Entry, "amount"), (Move, "delta")]
)
def test_ledger_rows_are_never_edited(
    points: Card, now: datetime, model: type[Entry], field: str
) -> None:
    accrue(points, 40, "a", now)
    redeem(points, 10, "b", now)

    with pytest.raises(DatabaseError, match="never edited or deleted"), transaction.atomic():
        model.objects.update(**{field: 7})


def test_the_database_itself_refuses_a_negative_balance(points: Card, now: datetime) -> None:
    with pytest.raises(DatabaseError, match="a_balance_is_never_negative"), transaction.atomic():
        Account.objects.filter(card=points).update(balance=-1)


@pytest.mark.breaks_the_ledger
@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        ("UPDATE loyalty_account SET balance = balance + 1", "sum of its entries"),
        ("UPDATE loyalty_account SET debt = 3, balance = 0", "sum of its entries' debts"),
        ("UPDATE loyalty_account SET seq = seq + 1", "without a gap"),
        ("UPDATE loyalty_lot SET remaining = remaining - 1", "A lot holds what it began with"),
        ("UPDATE loyalty_lot SET amount = amount + 1", "An entry is its lot"),
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


def test_moves_that_only_repeat_their_lots_are_forgotten_by_the_migration(
    points: Card, now: datetime, ledger_guarded: None
) -> None:
    accrue(points, 40, "a", now)
    redeem(points, 10, "b", now)
    (kept,) = Move.objects.values_list("pk", flat=True)
    migration = import_module("loyalty.migrations.0006_lots_begin_without_a_move")
    editor = connection.SchemaEditorClass(connection, atomic=False)

    migration.unguard(None, editor)
    migration.remember_beginnings(None, editor)
    assert Move.objects.count() == 2
    assert broken(now) != []

    migration.forget_beginnings(None, editor)
    migration.guard(None, editor)
    assert list(Move.objects.values_list("pk", flat=True)) == [kept]
    assert broken(now) == []
    with pytest.raises(DatabaseError, match="never edited or deleted"), transaction.atomic():
        Move.objects.all()._raw_delete("default")


def test_the_migration_may_take_its_time(
    points: Card, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large ledger takes longer than a statement otherwise may, which is short here."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite ends no statement.")
    accrue(points, 40, "a", now)
    migration = import_module("loyalty.migrations.0006_lots_begin_without_a_move")
    editor = connection.SchemaEditorClass(connection, atomic=False)
    slow = editor.execute

    def execute(statement: str) -> None:
        if statement in (migration.DELETE, migration.INSERT):
            slow("SELECT pg_sleep(0.2)")
        slow(statement)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
        monkeypatch.setattr(editor, "execute", execute)
        migration.unguard(None, editor)
        migration.remember_beginnings(None, editor)
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
        migration.forget_beginnings(None, editor)
        migration.guard(None, editor)
    assert broken(now) == []


def test_a_move_that_only_repeats_its_lot_is_refused(points: Card, now: datetime) -> None:
    accrue(points, 40, "a", now)
    lot = Lot.objects.get()

    with pytest.raises(DatabaseError, match="a lot begins by itself"), transaction.atomic():
        Move.objects.create(entry=lot.entry, lot=lot, delta=40)


def test_a_single_posting_is_a_dozen_statements(
    points: Card, now: datetime, django_assert_max_num_queries: object
) -> None:
    accrue(points, 40, "a", now)

    with django_assert_max_num_queries(20):  # type: ignore[operator]
        redeem(points, 10, "b", now)
