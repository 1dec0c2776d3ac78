"""What a process remembers of a program is what stands in the tables."""

import inspect
from datetime import time
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.migrations import AlterField
from django.db.migrations.loader import MigrationLoader
from django.db.models import CharField

from loyalty import card_search, program_memory, program_versions
from loyalty.models import HappyHour, Program, Rate, Reward
from loyalty.programs.cashback import CashbackProgram
from loyalty.programs.stamp import StampProgram

pytestmark = pytest.mark.django_db


def version(program: Program) -> int:
    rows = Program.objects.non_polymorphic().filter(pk=program.pk)
    return int(rows.values_list("version", flat=True)[0])


def touch(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET program_ptr_id = program_ptr_id")  # noqa: S608 (a name of ours)


def remembered(program: Program) -> Program:
    return program_memory.program(program.pk, version(program))


@pytest.fixture
def cashback(db) -> Program:
    return CashbackProgram.objects.create(slug="back", name="Cashback")


CHANGES: dict[str, Any] = {
    "saved": lambda program: program.save(),
    "renamed": lambda program: Program.objects.filter(pk=program.pk).update(name="New"),
    "its own table": lambda program: touch(program._meta.db_table),
    "reward": lambda program: Reward.objects.create(program=program, name="Cup", price=3),
    "rate": lambda program: Rate.objects.create(program=program, from_cents=1, percent=2),
    "hour": lambda program: HappyHour.objects.create(
        program=program, begins=time(9), ends=time(11)
    ),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", [StampProgram, CashbackProgram])
def test_every_change_gives_a_program_another_version(kind, change, db):
    program = kind.objects.create(slug="p", name="P")
    before = version(program)

    CHANGES[change](program)

    assert before > 0
    assert version(program) not in (0, before)


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_what_belongs_to_it_counts_as_well(coffee, verb):
    reward = Reward.objects.create(program=coffee, name="Cup", price=3)
    before = version(coffee)

    if verb == "delete":
        reward.delete()
    else:
        Reward.objects.filter(pk=reward.pk).update(is_active=False)

    assert version(coffee) != before


def test_what_another_process_changes_is_seen_by_the_next_scan(coffee_card):
    """The other one knows nothing of our memory: it writes to the table."""
    assert card_search.find(coffee_card.code).program.name == "Coffee card"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE loyalty_program SET name = 'Tea card'")
        cursor.execute("UPDATE loyalty_stampprogram SET stamps_per_reward = 7")

    found = card_search.find(coffee_card.code).program

    assert (found.name, found.row_length) == ("Tea card", 7)


def test_a_change_that_was_rolled_back_is_not_remembered(coffee):
    for name in ("Never", "Another"):
        with transaction.atomic():
            Program.objects.filter(pk=coffee.pk).update(name=name)
            assert remembered(coffee).name == name
            transaction.set_rollback(True)

        assert remembered(coffee).name == "Coffee card"


def test_each_has_an_object_of_their_own(coffee):
    Reward.objects.create(program=coffee, name="Cup", price=3)
    first = remembered(coffee)
    first.name, first.offers[0].name = "Mine", "Mine"
    first.offers.clear()

    again = remembered(coffee)

    assert again.name == "Coffee card"
    assert [each.name for each in again.offers] == ["Cup"]


def test_one_that_nobody_watches_is_read_each_time(coffee, django_assert_num_queries):
    remembered(coffee)
    with django_assert_num_queries(1):
        remembered(coffee)
    program_memory.program(coffee.pk, 0)


def test_triggers_are_made_anew_where_they_were_lost(coffee):
    """SQLite drops them with a table that a migration makes anew."""
    on = " ON loyalty_reward" if connection.vendor == "postgresql" else ""
    name = "loyalty_reward_has_changed" + ("" if on else "_by_insert")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")
    before = version(coffee)
    Reward.objects.create(program=coffee, name="Cup", price=3)
    assert version(coffee) == before

    program_versions.watch(using="default")

    after = version(coffee)
    assert after not in (0, before)
    Reward.objects.create(program=coffee, name="Mug", price=4)
    assert version(coffee) != after


def test_a_program_whose_watch_is_off_is_never_remembered(coffee):
    """From before a migration until after it."""
    remembered(coffee)

    program_versions.unwatch(using="default", plan=["a migration"])

    assert version(coffee) == 0
    for name in ("Tea card", "Milk card"):
        Program.objects.filter(pk=coffee.pk).update(name=name)
        assert remembered(coffee).name == name
    program_versions.watch(using="default")
    assert version(coffee) != 0
    assert remembered(coffee).name == "Milk card"


@pytest.mark.django_db(transaction=True)
def test_a_later_migration_can_make_its_tables_anew(coffee):
    """SQLite renames none while a trigger of another names it."""
    state = MigrationLoader(connection).project_state()
    as_it_is = Program._meta.get_field("name").clone()

    for column in (CharField(max_length=200), as_it_is):
        change, after = AlterField("program", "name", column), state.clone()
        change.state_forwards("loyalty", after)
        program_versions.unwatch(using="default", plan=[change])
        with connection.schema_editor() as editor:
            change.database_forwards("loyalty", editor, state, after)
        state = after
        program_versions.watch(using="default")

        before = version(coffee)
        Reward.objects.create(program=coffee, name="Cup", price=3)
        assert version(coffee) not in (0, before)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_a_table_that_is_emptied_at_once_counts_as_well(coffee):
    HappyHour.objects.create(program=coffee, begins=time(9), ends=time(11))
    assert remembered(coffee).hours
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE loyalty_happyhour")

    assert remembered(coffee).hours == []


def test_everything_a_program_reads_of_itself_is_watched():
    """A list that hangs on a program for as long as the object lives must be a part of it."""
    kept = {"offers": Reward, "steps": Rate, "hours": HappyHour}
    lists = {
        name
        for model in apps.get_models()
        if issubclass(model, Program)
        for name, each in inspect.getmembers_static(model)
        if type(each).__name__ == "cached_property" and name != "pk"
    }

    assert lists == set(kept)
    assert set(program_versions.PARTS) == set(kept.values())
