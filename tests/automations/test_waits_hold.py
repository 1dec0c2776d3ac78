"""Whatever the zone and the moment: a wait is never over early, and ends at the time of day and on
the day that was asked for, unless the clocks skip that time."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.engine import batch
from automations.journey_row import JourneyRow
from automations.outcomes import Done, Outcome
from automations.outcomes import Wait as Until
from automations.place import Place
from automations.steps.wait import Wait
from automations.steps.wait_until import WaitUntil
from loyalty.facts import Facts
from loyalty.fields import WEEKDAYS
from loyalty.models import Customer, Event

pytestmark = pytest.mark.django_db

ZONES = [
    *(
        "Europe/Zurich",
        "Europe/Dublin",
        "America/New_York",
        "America/St_Johns",
        "America/Sao_Paulo",
    ),
    *("America/Santiago", "America/Nuuk", "Africa/Casablanca", "Africa/Cairo", "Asia/Kathmandu"),
    *("Asia/Tehran", "Asia/Gaza", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati"),
    *("Pacific/Chatham", "Antarctica/Troll", "UTC"),
]
A_QUARTER = timedelta(minutes=15)

zones = st.sampled_from(ZONES).map(ZoneInfo)
# A quarter of an hour is what all offsets and changes since then are made of.
moments = st.integers(946_684_800, 2_051_222_400).map(lambda at: datetime.fromtimestamp(at, UTC))
clocks = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
some_days = st.lists(st.sampled_from(list(WEEKDAYS)), unique=True, max_size=6)


def standing(zone: ZoneInfo, now: datetime, customer: Customer | None = None) -> Place:
    """Somebody of whom only the moment and the zone matter here."""
    began = Event(pk=1)
    journey = JourneyRow(1, 1, 1, "main", 0, "event:1", None, None, began.pk, now)
    with batch.open([], [began], lock_customers=False, now=now) as opened:
        place = opened.place(journey)
    return replace(place, zone=zone.key, facts=Facts(customer, now, zone.key))


def end_of(outcome: Outcome, now: datetime) -> datetime:
    """When it is over; at once where nothing is waited for."""
    match outcome:
        case Until(until=datetime() as until):
            assert until > now
            return until
    assert isinstance(outcome, Done)
    return now


def is_after_a_gap(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks there have just been put forward, to show what they show now."""
    before = (moment - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
    return moment.astimezone(zone).replace(tzinfo=None) - before > timedelta(seconds=1)


@settings(max_examples=150, deadline=None)
@given(zone=zones, now=moments, clock=clocks, days=some_days, hours=st.integers(0, 100))
def test_a_wait_for_a_time_of_day_is_over_at_the_first_such_moment(zone, now, clock, days, hours):
    wait = Wait(hours=hours, until_time=clock, weekdays=days)

    end = end_of(wait.run(standing(zone, now)), now)

    allowed = days or list(WEEKDAYS)
    starts = now + timedelta(hours=hours)
    assert end >= starts - timedelta(minutes=1)
    here = end.astimezone(zone)
    if not is_after_a_gap(end, zone):
        assert (here.time(), here.fold) == (clock, 0)
        assert list(WEEKDAYS)[here.weekday()] in allowed
    # Nobody was passed over: no quarter of an hour before it shows that time on such a day.
    quarter = starts - timedelta(microseconds=starts.microsecond) + A_QUARTER
    quarter -= timedelta(minutes=quarter.minute % 15, seconds=quarter.second)
    while quarter < end:
        shown = quarter.astimezone(zone)
        fits = shown.time() == clock and list(WEEKDAYS)[shown.weekday()] in allowed
        assert not fits or shown.fold
        quarter += A_QUARTER


@settings(max_examples=150, deadline=None)
@given(zone=zones, now=moments, days=st.integers(1, 400))
def test_days_keep_the_time_of_day(zone, now, days):
    end = end_of(Wait(days=days).run(standing(zone, now)), now)

    wanted = now.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    if not is_after_a_gap(end, zone):
        assert end.astimezone(zone).replace(tzinfo=None) == wanted
        assert end.astimezone(zone).fold == 0


@settings(max_examples=150, deadline=None)
@given(zone=zones, now=moments, days=st.integers(0, 30), weekdays=some_days.filter(bool))
def test_a_weekday_keeps_the_time_of_day(zone, now, days, weekdays):
    end = end_of(Wait(days=days, weekdays=weekdays).run(standing(zone, now)), now)

    here = end.astimezone(zone)
    assert end - now >= timedelta(days=days, hours=-25)
    assert here.date() - now.astimezone(zone).date() <= timedelta(days=days + 14)
    if not is_after_a_gap(end, zone):
        assert list(WEEKDAYS)[here.weekday()] in weekdays
        assert here.time() == now.astimezone(zone).time()


@settings(max_examples=150, deadline=None)
@given(zone=zones, now=moments, seconds=st.integers(1, 10**7))
def test_elapsed_time_knows_no_clocks(zone, now, seconds):
    end = end_of(Wait(seconds=seconds).run(standing(zone, now)), now)

    assert end == now + timedelta(seconds=seconds)


@settings(max_examples=150, deadline=None)
@given(
    zone=zones,
    now=moments,
    born=st.one_of(st.dates(date(1920, 1, 1), date(2000, 1, 1)), st.just(date(1992, 2, 29))),
    clock=clocks,
)
def test_a_birthday_comes_once_a_year(zone, now, born, clock):
    customer = Customer(birthday=born)
    wait = WaitUntil(field="customer.birthday", at_time=clock)

    end = end_of(wait.run(standing(zone, now, customer)), now)

    here = end.astimezone(zone)
    assert timedelta(0) < end - now <= timedelta(days=366, hours=25)
    if not is_after_a_gap(end, zone):
        is_leap = here.year % 4 == 0
        day = 28 if (born.month, born.day) == (2, 29) and not is_leap else born.day
        assert (here.month, here.day) == (born.month, day)
        assert (here.time(), here.fold) == (clock, 0)
