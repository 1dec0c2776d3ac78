"""An export of many parts is one file, once it is whole and as long as it may be kept."""

import csv
import io
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from loyalty import customers, exports, merging
from loyalty.errors import IllegalOperation, NotFound
from loyalty.models import Export, ExportPart
from tests.cast import BY_STAFF
from tests.loyalty.leaving import asked, bytes_of, sheet_of, written


@pytest.fixture
def bites(monkeypatch):
    """One customer in each part."""
    small = {name: _small(table) for name, table in exports.TABLES.items()}
    monkeypatch.setattr("loyalty.exports.tables.TABLES", small)
    for module in ("asking", "working", "taking"):
        monkeypatch.setattr(f"loyalty.exports.{module}.TABLES", small)


def _small(table: exports.Table) -> exports.Table:
    return exports.Table(table.label, table.header, table.rows, bite=1)


@pytest.mark.parametrize("table", list(exports.TABLES))
def test_a_file_of_many_parts_is_one_file(table, alice, bob, dora, now, bites):
    csv_file = bytes_of(written(asked(now, table=table), now), now)
    xlsx = written(asked(now, "xlsx", table), now)
    xlsx_file = bytes_of(xlsx, now)

    lines = list(csv.reader(io.StringIO(csv_file.decode("utf-8-sig"))))
    sheet = [list(row) for row in sheet_of(xlsx_file).iter_rows(values_only=True)]
    assert ExportPart.objects.count() == 6
    assert len(lines) == len(sheet) == xlsx.rows + 1
    assert lines[0] == sheet[0]
    who = lines[0].index("Email")
    assert [line[who] for line in lines] == [line[who] or "" for line in sheet]


def test_whoever_is_slower_writes_nothing(alice, bob, now, bites):
    source = asked(now)
    late = Export.objects.get(pk=source.pk)
    exports.work(source.pk, now=now, budget=0)

    part = late.file_parts.get(number=0)
    kept = part.data
    said = exports.working._Part(late, [alice.pk], "UTC")

    assert not exports.working._keep(late, part, said, now)
    source.refresh_from_db()
    assert (source.cursor, source.state) == (1, "running")
    assert late.file_parts.get(number=0).data == kept


class PowerCut(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("statement", range(1, 20))
def test_cut_off_at_any_statement_a_part_is_written_once(statement, alice, bob, dora, now, bites):
    whole = bytes_of(written(asked(now), now), now)
    source, seen = asked(now), 0

    def cut(execute, sql, params, many, context):
        nonlocal seen
        seen += 1
        if seen == statement:
            raise PowerCut
        return execute(sql, params, many, context)

    with connection.execute_wrapper(cut), suppress(PowerCut):
        exports.work(source.pk, now=now, budget=60)
    source.refresh_from_db()

    assert bytes_of(written(source, now), now) == whole


def test_there_is_no_file_before_the_last_part(admin_client, alice, bob, now, bites):
    source = asked(now)
    exports.work(source.pk, now=now, budget=0)

    url = reverse("admin:loyalty_export_file", args=[source.pk])
    assert admin_client.get(url).status_code == 404
    page = admin_client.get(reverse("admin:loyalty_export_change", args=[source.pk])).text
    assert "1 of 2 customers" in page
    moving = admin_client.get(reverse("admin:loyalty_export_progress", args=[source.pk]))
    assert "HX-Refresh" not in moving
    written(source, now)
    assert admin_client.get(reverse("admin:loyalty_export_progress", args=[source.pk]))[
        "HX-Refresh"
    ]


# --- How long it is there -------------------------------------------------------------------------


def test_a_file_is_deleted_when_its_days_are_over(alice, now):
    source = written(asked(now), now)
    later = now + exports.KEPT

    with pytest.raises(NotFound):
        exports.file_of(source, now=later)
    assert exports.due(later - timedelta(seconds=1)) == []
    assert exports.due(later) == [source.pk]
    exports.work(source.pk, now=later)

    source.refresh_from_db()
    assert source.state == "deleted"
    assert not ExportPart.objects.exists()
    assert exports.due(later) == []


def test_who_is_forgotten_is_in_no_file(alice, bob, now, bites):
    before = written(asked(now), now)
    half = asked(now)
    exports.work(half.pk, now=now, budget=0)
    bobs, _new = exports.begin([bob.pk], table="cards", kind="csv", actor="staff:1", now=now)
    written(bobs, now)

    customers.erase(alice, cause=BY_STAFF, now=now)

    for source in (before, half, bobs):
        source.refresh_from_db()
    assert [each.state for each in (before, half, bobs)] == ["deleted", "deleted", "finished"]
    assert {part.source_id for part in ExportPart.objects.all()} == {bobs.pk}


def test_who_is_forgotten_is_also_who_they_were_before(alice, bob, now):
    source, _new = exports.begin([bob.pk], table="cards", kind="csv", actor="staff:1", now=now)
    written(source, now)
    merging.merge(bob, alice, cause=BY_STAFF, now=now)

    customers.erase(alice, cause=BY_STAFF, now=now)

    source.refresh_from_db()
    assert source.state == "deleted"


def test_it_can_be_deleted_at_once(admin_client, alice, now):
    source = written(asked(now), now)

    page = admin_client.post(
        reverse("admin:loyalty_export_cancel", args=[source.pk]), follow=True
    ).text

    assert "Export anew" in page
    assert not ExportPart.objects.exists()


def test_a_shop_that_deletes_nothing_does_not_fill_the_disk(alice, now, monkeypatch):
    monkeypatch.setattr(exports.asking, "MOST_KEPT", 1)
    asked(now)

    with pytest.raises(IllegalOperation):
        asked(now)

    assert Export.objects.count() == 1
