"""History becomes one by the month while a worker writes it, and nothing else changes."""

import json
import threading

import psycopg
import pytest
from django.db import connection

from tests.house import House
from tests.processes import annals, family

pytestmark = pytest.mark.processes

TABLES = {"automations_decision", "automations_steprun"}
FINISHED = "SELECT count(*) FROM automations_journey WHERE state = 'finished'"
RUNS = "SELECT count(*), count(DISTINCT id), count(DISTINCT journey_id) FROM automations_steprun"
DECISIONS = "SELECT count(*), count(DISTINCT event_id) FROM automations_decision"


def partition(house: House) -> dict[str, dict[str, object]]:
    told: dict[str, dict[str, object]] = json.loads(
        house.manage("partition_history", "--json", "--no-input").stdout
    )
    assert set(told) == TABLES
    return told


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite keeps no table by the month")
def test_a_table_is_divided_beside_pumps_that_write_to_it(house: House) -> None:
    house.does(annals.gather)
    house.start("runworker")
    events = threading.Thread(target=house.does, args=[annals.start])
    events.start()
    family.wait_until(lambda: house.ask(RUNS)[0][0] > 0, "somebody walks", within=90)

    first = partition(house)

    events.join()
    family.wait_until(
        lambda: house.ask(FINISHED) == [(annals.PEOPLE,)], "all have finished", within=90
    )
    again = partition(house)
    house.stop()

    assert [each["changed"] for each in first.values()] == [True, True]
    assert [each["changed"] for each in again.values()] == [False, False]
    assert [each["parts"] for each in again.values()] == [each["parts"] for each in first.values()]
    assert house.ask(RUNS) == [(annals.PEOPLE * annals.RUNS,) * 2 + (annals.PEOPLE,)]
    assert house.ask(DECISIONS) == [(annals.PEOPLE, annals.PEOPLE)]
    house.manage("makemigrations", "--check", "--dry-run")
    house.manage("migrate", "--check")
    house.does(annals.goes_on)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite keeps no table by the month")
def test_it_waits_for_a_table_that_is_in_use_and_mends_a_try_that_was_killed(house: House) -> None:
    with psycopg.connect(house.database_url) as other:
        # What a kill leaves: the bound of the first part, and an index that was never finished.
        other.execute(
            "ALTER TABLE automations_steprun ADD CONSTRAINT automations_steprun_until "
            "CHECK (at < '2020-01-01') NOT VALID"
        )
        other.execute("CREATE INDEX automations_steprun_by_id_and_at ON automations_steprun (id)")
        other.commit()
        other.execute("SELECT count(*) FROM automations_decision")
        release = threading.Timer(3.0, other.rollback)
        release.start()

        told = partition(house)

        release.join()
    assert [each["changed"] for each in told.values()] == [True, True]
    checks = "SELECT count(*) FROM pg_constraint WHERE conname LIKE '%\\_until'"
    assert house.ask(checks) == [(0,)]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite keeps no table by the month")
def test_rows_of_a_time_to_come_are_refused_and_nothing_is_changed(house: House) -> None:
    with psycopg.connect(house.database_url) as other:
        other.execute(
            "INSERT INTO automations_steprun "
            "(journey_id, moves, step_key, type, outcome, note, result, at) "
            "VALUES (1, 1, 'x', 'x', 'done', '', '{}', now() + interval '90 days')"
        )
    tables = "SELECT relname, relkind FROM pg_class WHERE relname LIKE 'automations_%' ORDER BY 1"
    keys = "SELECT conname FROM pg_constraint ORDER BY 1"
    before = house.ask(keys)

    refused = house.manage("partition_history", "--json", check=False)

    assert refused.returncode == 2
    assert json.loads(refused.stdout)["code"] == "illegal_operation"
    assert "automations_steprun holds rows of" in refused.stderr
    assert house.ask(keys) == before
    assert {kind for _name, kind in house.ask(tables)} == {"r", "i", "S"}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL does it")
def test_sqlite_refuses_in_plain_words(house: House) -> None:
    refused = house.manage("partition_history", check=False)

    assert refused.returncode == 2
    assert "Only PostgreSQL keeps tables by the month." in refused.stderr
