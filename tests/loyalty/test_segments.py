"""Segments: who is in one, who came and went, and who is told."""

from datetime import timedelta

import pytest

from loyalty import conditions, customers, habits, recounts, segments
from loyalty.errors import Invalid
from loyalty.facts import Facts
from loyalty.models import Event, Placement, Rfm, Segment
from tests.cast import BY_STAFF, person
from tests.loyalty import till

pytestmark = pytest.mark.django_db

VIP = ["customer.tags", "has", "vip"]
HOUR = timedelta(hours=1)


def tag(customer, now, *tags: str) -> None:
    customers.change(customer, {"tags": list(tags)}, cause=BY_STAFF, now=now)


def inside(segment) -> list[int]:
    return sorted(Placement.objects.filter(segment=segment).values_list("customer", flat=True))


def told(segment) -> list[tuple[str, int | None]]:
    rows = Event.objects.filter(name__startswith="segment_").order_by("pk")
    return [(row.name, row.customer_id) for row in rows if row.data.get("segment") == segment.slug]


@pytest.fixture
def vips(alice, bob, now) -> Segment:
    tag(alice, now, "vip")
    return segments.make("vips", "VIPs", VIP, now=now)


def test_who_is_in_it_from_the_start_is_told_to_nobody(vips, alice):
    vips.refresh_from_db()

    assert inside(vips) == [alice.pk]
    assert vips.size == 1
    assert told(vips) == []


def test_the_first_ones_are_told_if_asked(alice, now):
    tag(alice, now, "vip")

    vips = segments.make("vips", "VIPs", VIP, tell=True, now=now)

    assert told(vips) == [("segment_entered", alice.pk)]


def test_who_comes_and_who_goes_is_told_once(vips, alice, bob, now):
    tag(alice, now)
    tag(bob, now, "vip")
    vips.refresh_from_db()

    change = segments.recount(vips, now=now + HOUR)
    again = segments.recount(vips, now=now + HOUR)

    assert (change, again) == (segments.Change(1, 1), segments.Change(0, 0))
    assert inside(vips) == [bob.pk]
    assert told(vips) == [("segment_entered", bob.pk), ("segment_left", alice.pk)]


def test_who_comes_again_is_told_again(vips, alice, now):
    vips.refresh_from_db()
    for turn in range(2):
        tag(alice, now)
        segments.recount(vips, now=now + turn * HOUR)
        tag(alice, now, "vip")
        segments.recount(vips, now=now + turn * HOUR)

    assert [name for name, _who in told(vips)] == ["segment_left", "segment_entered"] * 2


def test_another_condition_tells_only_if_asked(vips, alice, bob, now):
    vips.refresh_from_db()
    bobs = ["customer.first_name", "=", "Bob"]

    assert segments.change(vips, "Bobs", bobs, now=now) == segments.Change(1, 1)
    vips.refresh_from_db()
    assert (inside(vips), told(vips), vips.name) == ([bob.pk], [], "Bobs")

    segments.change(vips, "VIPs", VIP, tell=True, now=now)
    assert told(vips) == [("segment_entered", alice.pk), ("segment_left", bob.pk)]


@pytest.mark.parametrize(
    "condition",
    [
        ["event.amount", ">", 1],
        ["now.weekday", "=", "monday"],
        ["card.stamps", ">", 1],
        ["customer.nothing", "=", "1"],
        ["customer.segments", "has", "vips"],
        "vip",
    ],
)
def test_what_cannot_be_counted_is_refused(condition, business, now):
    with pytest.raises(Invalid) as refused:
        segments.make("odd", "Odd", condition, now=now)

    assert "condition" in refused.value.fields
    assert not Segment.objects.exists()


def test_a_slug_belongs_to_one_segment(vips, now):
    with pytest.raises(Invalid) as refused:
        segments.make("vips", "Others", VIP, now=now)

    assert "slug" in refused.value.fields
    assert Segment.objects.count() == 1


def test_the_erased_leave_in_silence(vips, alice, now):
    vips.refresh_from_db()

    customers.erase(alice, cause=BY_STAFF, now=now)
    segments.recount(vips, now=now)

    assert inside(vips) == []
    assert told(vips) == []


def test_regulars_who_have_not_come_for_a_month(coffee_card, dora, now):
    for days in range(10):
        till.accrue(coffee_card, now - timedelta(days=days), amount=1)
    regulars = {
        "all": [
            ["customer.visits_count", ">=", 5],
            ["customer.days_since_visit", ">", 30],
        ]
    }
    missed = segments.make("missed", "Missed regulars", regulars, now=now)
    assert inside(missed) == []
    missed.refresh_from_db()

    segments.recount(missed, now=now + timedelta(days=31))
    assert told(missed) == [("segment_entered", dora.pk)]

    till.accrue(coffee_card, now + timedelta(days=31), amount=1)
    segments.recount(missed, now=now + timedelta(days=31, hours=1))
    assert told(missed)[-1] == ("segment_left", dora.pk)


def test_a_condition_can_ask_who_is_in_a_segment(vips, alice, bob, now):
    node = conditions.parse(["customer.segments", "has", "vips"])

    in_memory = [
        conditions.holds(node, Facts(customer=who, now=now, habits=habits.OfMany([who.pk])))
        for who in (alice, bob)
    ]

    assert in_memory == [True, False]
    assert list(segments.found(node, now)) == [alice]


def test_each_is_counted_every_hour(vips, now):
    Rfm.objects.create(next_at=now + timedelta(days=1), pk=1)

    assert recounts.due(now + timedelta(minutes=59)) == []
    assert recounts.due(now + HOUR) == [recounts.SEGMENTS]
    assert recounts.recount(recounts.SEGMENTS, now=now + HOUR) == 1
    assert recounts.due(now + HOUR) == []


def test_one_that_cannot_be_counted_stops_no_other(vips, bob, now):
    Segment.objects.create(slug="old", name="Old", condition=["customer.gone", "=", 1])
    tag(bob, now, "vip")

    counted = recounts.recount(recounts.SEGMENTS, now=now + HOUR)

    assert counted == 2
    assert bob.pk in inside(vips)
    assert not segments.due(now + HOUR).exists()


def test_one_that_is_deleted_tells_nobody(vips):
    segments.delete(vips)

    assert not Placement.objects.exists()
    assert not Event.objects.filter(name="segment_left").exists()


def test_many_come_in_several_bites(monkeypatch, business, now):
    monkeypatch.setattr(segments, "BITE", 3)
    people = [person(now, first_name=f"P{n}", tags=["vip"]) for n in range(8)]

    vips = segments.make("vips", "VIPs", VIP, tell=True, now=now)

    assert inside(vips) == [who.pk for who in people]
    assert len(told(vips)) == 8
