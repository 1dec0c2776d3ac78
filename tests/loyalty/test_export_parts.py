"""An export of many parts is one file, once it is whole and as long as it may be kept."""

import csv
import io
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from loyalty import customers, exports, merging
from loyalty.errors import IllegalOperation, NotFound
from loyalty.exports.assembling import LOST_AFTER, MOST_TRIES
from loyalty.models import Export, ExportChunk, ExportPart
from tests.cast import BY_STAFF
from tests.loyalty.leaving import asked, bytes_of, lines_of, written


@pytest.fixture
def bites(monkeypatch):
    """One customer in each part."""
    for name, table in exports.TABLES.items():
        monkeypatch.setitem(exports.TABLES, name, replace(table, bite=1))


@pytest.mark.parametrize("table", list(exports.TABLES))
def test_a_file_of_many_parts_is_one_file(table, alice, bob, dora, now, bites):
    csv_file = bytes_of(written(asked(now, table=table), now), now)
    xlsx = written(asked(now, "xlsx", table), now)
    xlsx_file = bytes_of(xlsx, now)

    lines = list(csv.reader(io.StringIO(csv_file.decode("utf-8-sig"))))
    sheet = lines_of(xlsx_file)
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


ASK = "/admin/loyalty/customer/export/"
# The statement of a turn by which a spreadsheet is begun, and not yet kept.
LATE = 9


class PowerCut(BaseException):
    """The process is gone."""


def cut_off(source, statement, now) -> bool:
    """Work on it until that statement; False: it was done before."""
    seen = 0

    def cut(execute, sql, params, many, context):
        nonlocal seen
        seen += 1
        if seen == statement:
            raise PowerCut
        return execute(sql, params, many, context)

    with connection.execute_wrapper(cut), suppress(PowerCut):
        exports.work(source.pk, now=now, budget=60)
        return False
    return True


@pytest.mark.parametrize("statement", range(1, 20))
def test_cut_off_at_any_statement_a_part_is_written_once(statement, alice, bob, dora, now, bites):
    whole = bytes_of(written(asked(now), now), now)
    source = asked(now)

    cut_off(source, statement, now)
    source.refresh_from_db()

    assert bytes_of(written(source, now), now) == whole


def test_cut_off_at_any_statement_a_spreadsheet_is_whole(alice, bob, now, bites):
    whole = lines_of(bytes_of(written(asked(now, "xlsx"), now), now))

    for statement in range(1, 100):
        source = asked(now, "xlsx")
        was_cut = cut_off(source, statement, now)
        source.refresh_from_db()
        done = written(source, now + LOST_AFTER)
        assert lines_of(bytes_of(done, now)) == whole
        if not was_cut:
            break

    assert 20 < statement < 99
    assert {chunk.source_id for chunk in ExportChunk.objects.all()} == {
        each.pk for each in Export.objects.all()
    }


def test_a_spreadsheet_that_breaks_off_again_and_again_is_given_up(alice, now, monkeypatch):
    source = asked(now, "xlsx")
    monkeypatch.setattr("loyalty.exports.working.FEW", 0)
    exports.work(source.pk, now=now)

    for turn in range(MOST_TRIES):
        at = now + turn * LOST_AFTER
        assert exports.due(at) == [source.pk]
        assert cut_off(source, LATE, at)
        assert exports.due(at) == []
    exports.work(source.pk, now=now + MOST_TRIES * LOST_AFTER)

    source.refresh_from_db()
    assert (source.state, "take CSV" in source.note) == ("failed", True)
    assert not ExportPart.objects.exists()


def test_one_spreadsheet_is_put_together_at_a_time(alice, now, monkeypatch):
    monkeypatch.setattr("loyalty.exports.working.FEW", 0)
    first, second, csv_file = asked(now, "xlsx"), asked(now, "xlsx"), asked(now)
    for source in (first, second):
        exports.work(source.pk, now=now)

    cut_off(first, LATE, now)

    assert exports.due(now) == [csv_file.pk]
    assert exports.work(second.pk, now=now) == 0
    assert exports.due(now + LOST_AFTER) == [first.pk, second.pk, csv_file.pk]


def test_it_says_how_far_it_is_and_100_is_the_file(admin_client, alice, bob, now, monkeypatch):
    monkeypatch.setattr("loyalty.exports.working.FEW", 0)
    answer = admin_client.post(ASK, {"file": "customers.xlsx"}, follow=True)
    source = Export.objects.get()

    assert "putting the spreadsheet together: 0 of 2 lines" in answer.text
    assert exports.percent(source) == 40
    source.assembled = 2
    assert exports.percent(source) == 99
    written(source, now)
    assert exports.percent(source) == 100


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
    before = written(asked(now, "xlsx"), now)
    assert ExportChunk.objects.count() == 1
    half = asked(now)
    exports.work(half.pk, now=now, budget=0)
    bobs, _new = exports.begin([bob.pk], table="cards", kind="csv", actor="staff:1", now=now)
    written(bobs, now)

    customers.erase(alice, cause=BY_STAFF, now=now)

    for source in (before, half, bobs):
        source.refresh_from_db()
    assert [each.state for each in (before, half, bobs)] == ["deleted", "deleted", "finished"]
    assert {part.source_id for part in ExportPart.objects.all()} == {bobs.pk}
    assert not ExportChunk.objects.exists()


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
