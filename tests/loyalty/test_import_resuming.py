"""However often an import is broken off and begun again, and whatever its file says: each line is
done once and has one outcome."""

import json
from dataclasses import fields
from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty import imports
from loyalty.errors import IllegalOperation
from loyalty.imports import reading, working
from loyalty.imports.lines import Reader
from loyalty.ledger.audit import broken
from loyalty.models import Account, Card, Customer, Import, Operation
from loyalty.programs.stamp import StampProgram
from tests.loyalty.files import csv_of, sent, worked

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
PEOPLE = 24


@pytest.fixture
def short_parts(monkeypatch):
    monkeypatch.setattr(reading, "LINES_IN_PART", 3)


def people() -> bytes:
    return csv_of(["email", "stamps"], *([f"c{n}@example.com", 1 + n] for n in range(PEOPLE)))


class PowerCut(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("after", range(PEOPLE // 3 + 1))
def test_broken_off_between_any_two_parts_it_goes_on(after, coffee, short_parts, now):
    source = imports.start(sent(people(), now, program=coffee), now=now)
    for _part in range(after):
        imports.work(source.pk, now=now, budget=0)

    imports.pause(source, now=now)
    assert imports.due(now) == []
    done = worked(imports.resume(source, now=now), now)

    assert (done.state, done.made, done.done) == ("finished", PEOPLE, PEOPLE)
    assert Operation.objects.filter(kind="accrue").count() == PEOPLE
    assert not broken(now)


@pytest.mark.parametrize("statement", range(1, 60, 4))
def test_cut_off_at_any_statement_a_part_is_done_once(statement, coffee, short_parts, now):
    source = imports.start(sent(people(), now, program=coffee), now=now)
    seen = 0

    def cut(execute, sql, params, many, context):
        nonlocal seen
        seen += 1
        if seen == statement:
            raise PowerCut
        return execute(sql, params, many, context)

    with connection.execute_wrapper(cut), pytest.raises(PowerCut):
        imports.work(source.pk, now=now, budget=60)
    done = worked(source, now)

    assert (done.made, done.cards_issued, done.balances_given) == (PEOPLE, PEOPLE, PEOPLE)
    assert (Customer.objects.count(), Card.objects.count()) == (PEOPLE, PEOPLE)
    assert not broken(now)


def test_two_workers_at_once_do_no_part_twice(coffee, short_parts, now):
    source = imports.start(sent(people(), now, program=coffee), now=now)
    stale = Import.objects.get(pk=source.pk)
    imports.work(source.pk, now=now, budget=0)

    assert not working._do_part(stale, working.reader_of(stale, now), "UTC", now)
    assert Customer.objects.count() == 3


def test_who_is_forgotten_while_a_part_is_understood_is_not_taken(coffee, short_parts, now):
    source = imports.start(sent(people(), now, program=coffee), now=now)
    lines = reading.rows_of(source.file_parts.get(number=0))
    without = [each._replace(cells=[]) if each.line == 2 else each for each in lines]

    class Forgetting(Reader):
        """Meanwhile somebody is taken out of the part."""

        def read(self, row):
            source.file_parts.filter(number=0).update(content=json.dumps(without))
            return super().read(row)

    plain = working.reader_of(source, now)
    reader = Forgetting(**{each.name: getattr(plain, each.name) for each in fields(plain)})

    assert working._do_part(source, reader, "UTC", now) == 3

    assert sorted(Customer.objects.values_list("email", flat=True)) == [
        "c1@example.com",
        "c2@example.com",
    ]


def test_what_nobody_foresaw_sets_the_import_aside_and_it_can_go_on(coffee, short_parts, now):
    source = imports.start(sent(people(), now, program=coffee), now=now)
    imports.work(source.pk, now=now, budget=0)
    part = source.file_parts.get(number=1)
    content, part.content = part.content, "not JSON"
    part.save()

    imports.work(source.pk, now=now, budget=60)
    source.refresh_from_db()
    assert (source.state, source.done) == ("failed", 3)
    part.content = content
    part.save()
    done = worked(imports.resume(source, now=now), now)

    assert (done.state, done.made) == ("finished", PEOPLE)


def test_cancelled_it_stays_at_what_is_done_and_forgets_the_file(coffee, short_parts, now):
    source = imports.start(sent(people(), now, program=coffee), now=now)
    imports.work(source.pk, now=now, budget=0)

    imports.cancel(source, now=now)

    assert imports.work(source.pk, now=now) == 1
    source.refresh_from_db()
    assert (source.state, Customer.objects.count()) == ("cancelled", 3)
    assert not source.file_parts.exists()
    with pytest.raises(IllegalOperation):
        imports.start(source, now=now)


# --- Dirty files ----------------------------------------------------------------------------------

CELLS_OF_ALL_KINDS = (
    *("", "a@example.com", "A@EXAMPLE.COM ", "b@example.com", "+12125550101", "x", "'=1+1", "12"),
    *("1,5", "-3", "1e9", "\x00", "\x00a", "=cmd()", "yes", "28.2.1990", "coffee"),
)
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(CELLS_OF_ALL_KINDS),
    st.integers(min_value=-5, max_value=10**20).map(str),
)
COLUMNS = ["email", "phone", "stamps", "birthday", "tags", "language", "program", "card number"]
ROWS = st.lists(st.lists(CELLS, max_size=10), max_size=12)


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS)
def test_each_line_of_a_dirty_file_has_exactly_one_outcome(coffee_of_its_own, rows):
    source = sent(csv_of(COLUMNS, *rows), NOW, program=coffee_of_its_own)
    if source.state == "failed":
        assert source.note
        return
    if not source.layout["columns"][0]:
        return
    lines = [line for part in source.file_parts.all() for line, _cells in json.loads(part.content)]

    done = worked(imports.start(source, now=NOW), NOW)

    refused = set(done.line_problems.values_list("line", flat=True))
    assert (done.state, done.done, done.refused) == ("finished", len(lines), len(refused))
    assert refused <= set(lines)
    assert len(lines) == len(set(lines))


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=400))
@pytest.mark.django_db
def test_bytes_that_are_no_table_are_read_or_refused(content):
    try:
        source = sent(content, NOW)
    except imports.Unreadable:
        return

    assert source.state in {"read", "failed"}


@pytest.fixture
def coffee_of_its_own(business):
    return StampProgram.objects.get_or_create(slug="coffee", name="Coffee")[0]


def test_a_balance_is_what_the_file_says(coffee, short_parts, now):
    worked(imports.start(sent(people(), now, program=coffee), now=now), now)

    held = Account.objects.filter(unit="stamps").order_by("pk").values_list("balance", flat=True)
    assert list(held) == [(1 + n) % 10 for n in range(PEOPLE)]
