"""Waits through the edges of the calendar, moved by the real engine.

Each row: a zone, when the wait begins, the wait, when it must end. Both instants are in UTC and
were worked out by hand from the transitions that the zone's laws (the tz database) name:

    Europe/Zurich      2026-03-29 02:00 → 03:00 (01:00Z)    2026-10-25 03:00 → 02:00 (01:00Z)
    America/New_York   2026-03-08 02:00 → 03:00 (07:00Z)    2026-11-01 02:00 → 01:00 (06:00Z)
    Australia/Lord_Howe  2026-10-04 02:00 → 02:30 (15:30Z the day before), half an hour;
                       2026-04-05 02:00 → 01:30 (15:00Z the day before)
    America/Sao_Paulo  2018-11-04 00:00 → 01:00 (03:00Z)    2018-02-18 00:00 → 23:00 (02:00Z)
    Africa/Casablanca  2025-04-06 02:00 → 03:00 (02:00Z)    2025-02-23 03:00 → 02:00 (02:00Z)
    Pacific/Apia       2011-12-30 does not exist: 2011-12-29 24:00 is 2011-12-31 00:00 (10:00Z)
    Pacific/Kiritimati UTC+14        Asia/Kathmandu  UTC+5:45, until 1985 UTC+5:30
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from automations.models import Journey
from automations.models.journey import JourneyState
from tests.automations.chains import outcomes, run, tag, wave, working
from tests.cast import person

ZURICH, NEW_YORK = "Europe/Zurich", "America/New_York"
LORD_HOWE, SAO_PAULO = "Australia/Lord_Howe", "America/Sao_Paulo"
CASABLANCA, APIA = "Africa/Casablanca", "Pacific/Apia"
KIRITIMATI, KATHMANDU = "Pacific/Kiritimati", "Asia/Kathmandu"
WORKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]

# Zone, when it begins, the wait, when it ends.
Row = tuple[str, str, dict[str, Any], str]

DURATIONS: list[Row] = [
    # Days keep the wall time; hours are elapsed.
    (ZURICH, "2026-03-28T09:00:00", {"for": "P1D"}, "2026-03-29T08:00:00"),
    (ZURICH, "2026-03-28T09:00:00", {"for": "PT24H"}, "2026-03-29T09:00:00"),
    (ZURICH, "2026-10-24T08:00:00", {"for": "P1D"}, "2026-10-25T09:00:00"),
    (ZURICH, "2026-10-24T08:00:00", {"for": "PT24H"}, "2026-10-25T08:00:00"),
    (ZURICH, "2026-03-25T17:00:00", {"for": "P7D"}, "2026-04-01T16:00:00"),
    (NEW_YORK, "2026-03-07T17:00:00", {"for": "P1D"}, "2026-03-08T16:00:00"),
    (LORD_HOWE, "2026-10-03T01:30:00", {"for": "P1D"}, "2026-10-04T01:00:00"),
    (LORD_HOWE, "2026-10-03T01:30:00", {"for": "PT24H"}, "2026-10-04T01:30:00"),
    (CASABLANCA, "2025-04-05T12:00:00", {"for": "P1D"}, "2025-04-06T11:00:00"),
    # A wall time that is skipped is the first valid instant after the gap.
    (ZURICH, "2026-03-28T01:30:00", {"for": "P1D"}, "2026-03-29T01:00:00"),
    (NEW_YORK, "2026-03-07T07:30:00", {"for": "P1D"}, "2026-03-08T07:00:00"),
    (LORD_HOWE, "2026-10-02T15:45:00", {"for": "P1D"}, "2026-10-03T15:30:00"),
    (SAO_PAULO, "2018-11-03T03:30:00", {"for": "P1D"}, "2018-11-04T03:00:00"),
    (APIA, "2011-12-29T22:00:00", {"for": "P1D"}, "2011-12-30T10:00:00"),
    # One that happens twice is its first occurrence.
    (ZURICH, "2026-10-24T00:30:00", {"for": "P1D"}, "2026-10-25T00:30:00"),
    (NEW_YORK, "2026-10-31T05:30:00", {"for": "P1D"}, "2026-11-01T05:30:00"),
    (LORD_HOWE, "2026-04-03T14:45:00", {"for": "P1D"}, "2026-04-04T14:45:00"),
    (CASABLANCA, "2025-02-22T01:30:00", {"for": "P1D"}, "2025-02-23T01:30:00"),
    # Who begins in the second of the two has the same wall time the day after.
    (ZURICH, "2026-10-25T01:30:00", {"for": "P1D"}, "2026-10-26T01:30:00"),
    (SAO_PAULO, "2018-02-18T02:30:00", {"for": "P1D"}, "2018-02-19T02:30:00"),
    # Hours run straight through.
    (ZURICH, "2026-10-25T00:30:00", {"for": "PT1H"}, "2026-10-25T01:30:00"),
    (ZURICH, "2026-03-28T00:30:00", {"for": "P1DT1H"}, "2026-03-29T01:30:00"),
    (APIA, "2011-12-29T22:00:00", {"for": "PT24H"}, "2011-12-30T22:00:00"),
    (APIA, "2011-12-29T22:00:00", {"for": "P2D"}, "2011-12-30T22:00:00"),
    # Ends of months and years.
    (NEW_YORK, "2027-01-01T01:00:00", {"for": "P1D"}, "2027-01-02T01:00:00"),
    (NEW_YORK, "2024-02-28T17:00:00", {"for": "P1D"}, "2024-02-29T17:00:00"),
    (NEW_YORK, "2026-02-28T17:00:00", {"for": "P1D"}, "2026-03-01T17:00:00"),
    (NEW_YORK, "2024-02-29T17:00:00", {"for": "P366D"}, "2025-03-01T17:00:00"),
]

CLOCK_TIMES: list[Row] = [
    # Strictly later than now.
    (ZURICH, "2026-03-03T08:00:00", {"until_time": "09:00"}, "2026-03-04T08:00:00"),
    (KATHMANDU, "2026-03-03T03:15:00", {"until_time": "09:00"}, "2026-03-04T03:15:00"),
    (KATHMANDU, "2026-03-03T03:14:59", {"until_time": "09:00"}, "2026-03-03T03:15:00"),
    # Across a change.
    (ZURICH, "2026-03-28T23:30:00", {"until_time": "09:00"}, "2026-03-29T07:00:00"),
    (LORD_HOWE, "2026-04-04T15:10:00", {"until_time": "09:00"}, "2026-04-04T22:30:00"),
    (CASABLANCA, "2025-02-23T02:30:00", {"until_time": "09:00"}, "2025-02-23T09:00:00"),
    # Inside a gap: the first valid instant, and then not again the same day.
    (ZURICH, "2026-03-29T00:00:00", {"until_time": "02:30"}, "2026-03-29T01:00:00"),
    (ZURICH, "2026-03-29T01:00:00", {"until_time": "02:30"}, "2026-03-30T00:30:00"),
    (NEW_YORK, "2026-03-08T06:59:59", {"until_time": "02:30"}, "2026-03-08T07:00:00"),
    (LORD_HOWE, "2026-10-03T14:30:00", {"until_time": "02:10"}, "2026-10-03T15:30:00"),
    (SAO_PAULO, "2018-11-03T23:00:00", {"until_time": "00:00"}, "2018-11-04T03:00:00"),
    (CASABLANCA, "2025-04-06T01:00:00", {"until_time": "02:30"}, "2025-04-06T02:00:00"),
    (KATHMANDU, "1985-12-31T17:30:00", {"until_time": "00:10"}, "1985-12-31T18:30:00"),
    # Inside a fold: the first occurrence; the second counts for nobody.
    (ZURICH, "2026-10-24T23:00:00", {"until_time": "02:30"}, "2026-10-25T00:30:00"),
    (ZURICH, "2026-10-25T00:45:00", {"until_time": "02:30"}, "2026-10-26T01:30:00"),
    (ZURICH, "2026-10-25T01:15:00", {"until_time": "02:30"}, "2026-10-26T01:30:00"),
    (NEW_YORK, "2026-11-01T04:15:00", {"until_time": "01:30"}, "2026-11-01T05:30:00"),
    (NEW_YORK, "2026-11-01T05:45:00", {"until_time": "01:30"}, "2026-11-02T06:30:00"),
    (LORD_HOWE, "2026-04-04T14:50:00", {"until_time": "01:45"}, "2026-04-05T15:15:00"),
    (SAO_PAULO, "2018-02-18T00:00:00", {"until_time": "23:30"}, "2018-02-18T01:30:00"),
    (SAO_PAULO, "2018-02-18T01:45:00", {"until_time": "23:30"}, "2018-02-19T02:30:00"),
    # A day that was skipped is no day.
    (APIA, "2011-12-29T22:00:00", {"until_time": "09:00"}, "2011-12-30T19:00:00"),
    # Ends of years, at both ends of the world.
    (ZURICH, "2026-12-31T22:59:00", {"until_time": "00:00"}, "2026-12-31T23:00:00"),
    (NEW_YORK, "2027-01-01T04:30:00", {"until_time": "09:00"}, "2027-01-01T14:00:00"),
    (KIRITIMATI, "2026-12-31T09:00:00", {"until_time": "00:00"}, "2026-12-31T10:00:00"),
    # First the duration, then the time.
    (
        *(ZURICH, "2026-10-24T23:45:00"),
        *({"for": "PT30M", "until_time": "02:30"}, "2026-10-25T00:30:00"),
    ),
    (
        *(KIRITIMATI, "2026-03-03T10:00:00"),
        *({"for": "P1D", "until_time": "09:00"}, "2026-03-04T19:00:00"),
    ),
    # Who was woken for 09:00 and is a moment late still comes out at 09:00 the next day.
    (
        *(ZURICH, "2026-03-03T08:00:00.400000"),
        *({"for": "P1D", "until_time": "09:00"}, "2026-03-04T08:00:00"),
    ),
]

DAYS: list[Row] = [
    # On another day it goes on to the same wall time of the next that is allowed.
    (ZURICH, "2026-03-27T17:00:00", {"for": "P1D", "weekdays": WORKDAYS}, "2026-03-30T16:00:00"),
    (NEW_YORK, "2026-10-30T22:00:00", {"for": "P2D", "weekdays": WORKDAYS}, "2026-11-02T23:00:00"),
    (ZURICH, "2026-03-27T11:00:00", {"for": "PT48H", "weekdays": WORKDAYS}, "2026-03-30T11:00:00"),
    # The wall time that was asked for, though the day before skipped it.
    (ZURICH, "2026-03-27T01:30:00", {"for": "P2D", "weekdays": WORKDAYS}, "2026-03-30T00:30:00"),
    # With a time of day.
    (
        *(ZURICH, "2026-03-25T14:00:00"),
        *({"for": "P3D", "until_time": "09:00", "weekdays": WORKDAYS}, "2026-03-30T07:00:00"),
    ),
    (
        *(ZURICH, "2026-03-23T12:00:00"),
        *({"until_time": "02:30", "weekdays": ["sunday"]}, "2026-03-29T01:00:00"),
    ),
    (
        *(ZURICH, "2026-10-19T12:00:00"),
        *({"until_time": "02:30", "weekdays": ["sunday"]}, "2026-10-25T00:30:00"),
    ),
    (
        *(NEW_YORK, "2026-03-08T12:00:00"),
        *({"until_time": "02:30", "weekdays": ["sunday"]}, "2026-03-15T06:30:00"),
    ),
    (
        *(APIA, "2011-12-29T22:00:00"),
        *({"until_time": "09:00", "weekdays": ["friday"]}, "2012-01-05T19:00:00"),
    ),
    # Friday in Greenwich is Saturday there.
    (
        *(KIRITIMATI, "2026-03-06T12:00:00"),
        *({"until_time": "09:00", "weekdays": WORKDAYS}, "2026-03-08T19:00:00"),
    ),
    # Nothing but a day.
    (APIA, "2011-12-29T22:00:00", {"weekdays": ["friday"]}, "2012-01-05T22:00:00"),
    (SAO_PAULO, "2018-11-03T03:30:00", {"weekdays": ["sunday"]}, "2018-11-04T03:00:00"),
]

BIRTHDAYS = [
    (ZURICH, "1990-03-29", "2026-03-01T12:00:00", {"at": "02:30"}, "2026-03-29T01:00:00"),
    (ZURICH, "1990-10-25", "2026-10-01T12:00:00", {"at": "02:30"}, "2026-10-25T00:30:00"),
    (LORD_HOWE, "1990-10-04", "2026-09-01T12:00:00", {"at": "02:10"}, "2026-10-03T15:30:00"),
    (SAO_PAULO, "1990-11-04", "2018-11-01T12:00:00", {"at": "00:00"}, "2018-11-04T03:00:00"),
    (APIA, "1990-12-30", "2011-12-01T00:00:00", {}, "2011-12-30T10:00:00"),
    (KIRITIMATI, "1990-03-03", "2026-03-01T00:00:00", {}, "2026-03-02T19:00:00"),
    # Born on the 29th of February.
    (NEW_YORK, "1992-02-29", "2026-02-01T12:00:00", {}, "2026-02-28T14:00:00"),
    (NEW_YORK, "1992-02-29", "2028-02-01T12:00:00", {}, "2028-02-29T14:00:00"),
    (NEW_YORK, "1992-02-29", "2026-02-28T14:00:00", {}, "2027-02-28T14:00:00"),
    (NEW_YORK, "1992-02-29", "2026-02-01T12:00:00", {"offset": "-P1D"}, "2026-02-27T14:00:00"),
    (NEW_YORK, "1992-02-29", "2026-02-01T12:00:00", {"offset": "P1D"}, "2026-03-01T14:00:00"),
    (NEW_YORK, "1992-03-01", "2028-02-01T12:00:00", {"offset": "-P1D"}, "2028-02-29T14:00:00"),
    # Offsets that reach into another year.
    (ZURICH, "1980-01-01", "2026-12-20T12:00:00", {"offset": "-P3D"}, "2026-12-29T08:00:00"),
    (ZURICH, "1980-01-01", "2026-12-30T12:00:00", {"offset": "-P3D"}, "2027-12-29T08:00:00"),
    (ZURICH, "1980-12-31", "2026-12-31T12:00:00", {"offset": "P1D"}, "2027-01-01T08:00:00"),
    (ZURICH, "1980-12-31", "2027-01-01T07:00:00", {"offset": "P1D"}, "2027-01-01T08:00:00"),
    (ZURICH, "1980-06-15", "2026-06-16T12:00:00", {"offset": "P400D"}, "2026-07-20T07:00:00"),
    # Hours before 09:00 reach back over the gap.
    (NEW_YORK, "1980-03-08", "2026-03-01T12:00:00", {"offset": "-PT7H"}, "2026-03-08T06:00:00"),
]

DATES = [
    (ZURICH, "2026-03-29", {"at": "02:30"}, "2026-03-29T01:00:00"),
    (ZURICH, "2026-03-01", {"offset": "-P1D"}, "2026-02-28T08:00:00"),
    (NEW_YORK, "2026-03-08", {"at": "00:30", "offset": "-PT1H"}, "2026-03-08T04:30:00"),
    (NEW_YORK, "2026-03-08", {"at": "00:00", "offset": "P1D"}, "2026-03-09T04:00:00"),
    # A moment keeps its own wall time over days, and elapsed time over hours.
    (ZURICH, "2026-03-29T12:00:00+02:00", {"offset": "-P1D"}, "2026-03-28T11:00:00"),
    (ZURICH, "2026-03-29T12:00:00+02:00", {"offset": "-PT24H"}, "2026-03-28T10:00:00"),
    # With a time of day only its day counts, and that is the day where the customer lives.
    (
        *(ZURICH, "2026-04-01T00:00:00+02:00"),
        *({"offset": "-P3D", "at": "09:00"}, "2026-03-29T07:00:00"),
    ),
    (NEW_YORK, "2026-03-09T03:30:00Z", {"offset": "-P1D", "at": "09:00"}, "2026-03-07T14:00:00"),
]


@pytest.mark.parametrize(("zone", "start", "wait", "end"), DURATIONS + CLOCK_TIMES + DAYS)
def test_a_wait_ends_at_that_instant_and_once(zone, start, wait, end, business):
    walks({"type": "wait", **wait}, start, end, time_zone=zone)


@pytest.mark.parametrize(("zone", "birthday", "start", "wait", "end"), BIRTHDAYS)
def test_a_birthday_is_awaited_to_that_instant_and_once(zone, birthday, start, wait, end, business):
    step = {"type": "wait_until", "field": "customer.birthday", **wait}

    walks(step, start, end, time_zone=zone, birthday=date.fromisoformat(birthday))


@pytest.mark.parametrize(("zone", "value", "wait", "end"), DATES)
def test_a_date_is_awaited_to_that_instant_and_once(zone, value, wait, end, business):
    step = {"type": "wait_until", "field": "customer.attributes.day", **wait}

    walks(step, "2026-02-01T12:00:00", end, time_zone=zone, attributes={"day": value})


def walks(step: dict[str, Any], start: str, end: str, **details: Any) -> None:
    """Somebody begins to wait at `start`, and goes on at `end`: not a second sooner, and once."""
    begins, ends = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end))
    customer = person(begins, first_name="Wanda", **details)
    working([step, tag("on")], begins)

    wave(customer, begins)
    run(begins)
    journey = Journey.objects.get()
    assert journey.due_at == ends

    assert run(ends - timedelta(seconds=1)) == 0
    run(ends)
    run(ends + timedelta(days=2))
    journey.refresh_from_db()
    assert journey.state == JourneyState.FINISHED
    kind = step["type"]
    assert outcomes(journey) == [(kind, "waiting"), (kind, "done"), ("add_tag", "done")]
