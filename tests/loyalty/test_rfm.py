"""RFM: who stands where, who is told of it, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from loyalty import cards, customers, recounts, rfm
from loyalty.errors import Invalid
from loyalty.models import Event, Rfm, RfmStanding
from loyalty.rfm import recounting
from tests.cast import BY_STAFF, person
from tests.loyalty import till

pytestmark = pytest.mark.django_db


def days(n: float) -> timedelta:
    return timedelta(days=n)


def came(card, now, *ago: int) -> None:
    for each in sorted(ago, reverse=True):
        till.accrue(card, now - days(each), amount=1)


def segment(customer) -> str:
    return RfmStanding.objects.get(customer=customer).segment


def moves(customer) -> list[tuple[str, str]]:
    told = Event.objects.filter(customer=customer, name="rfm_segment_changed").order_by("pk")
    return [(event.data["before"], event.data["after"]) for event in told]


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        ([0], "beginners"),
        ([30, 40], "beginners"),
        ([31], "doubtful"),
        ([60], "doubtful"),
        ([61, 70, 80], "sleeping"),
        ([90], "sleeping"),
        ([91], "lost"),
        ([1, 2, 3, 4], "growing"),
        ([31, 32, 33, 34], "medium"),
        ([61, 62, 63, 64, 65, 66, 67], "at_risk"),
        (range(1, 9), "champions"),
        (range(1, 30), "champions"),
        (range(31, 40), "loyal"),
        (range(61, 70), "needs_attention"),
        (range(91, 110), "lost"),
    ],
)
def test_the_grid(ago, expected, coffee_card, dora, now):
    came(coffee_card, now, *ago)

    rfm.recount(now=now)

    assert segment(dora) == expected


def test_who_never_came_is_counted_from_the_day_they_joined(business, now):
    new = person(now - days(30), first_name="New")
    quiet = person(now - days(31), first_name="Quiet")
    gone = person(now - days(91), first_name="Gone")

    rfm.recount(now=now)

    assert [segment(who) for who in (new, quiet, gone)] == ["beginners", "doubtful", "lost"]


def test_only_visits_of_the_window_are_counted(coffee_card, dora, now):
    came(coffee_card, now, 1, 40, 50, 60, 70)
    grid = rfm.PRESETS["grid"]

    rfm.configure(
        preset="grid",
        recency_days=grid.recency_days,
        visit_counts=grid.visit_counts,
        frequency_window_days=45,
        now=now,
    )

    assert segment(dora) == "beginners"


def test_the_first_place_is_told_to_nobody_and_a_move_once(coffee_card, dora, now):
    came(coffee_card, now, 1)
    rfm.recount(now=now)
    assert moves(dora) == []

    later = now + days(40)
    assert rfm.recount(now=later) == 1
    assert rfm.recount(now=later) == 0

    assert moves(dora) == [("beginners", "doubtful")]


@pytest.mark.parametrize("people", [5, 6, 7])
def test_everybody_is_counted_once_however_many_parts_that_takes(
    people, business, now, monkeypatch
):
    monkeypatch.setattr(recounting, "PART", 3)
    monkeypatch.setattr(recounting, "BITE", 2)
    made = [person(now, first_name=str(number)) for number in range(people)]

    rfm.recount(now=now)
    rfm.recount(now=now + days(31))

    stood = RfmStanding.objects.values_list("customer_id", "segment", "moves")
    assert sorted(stood) == sorted((each.pk, "doubtful", 1) for each in made)
    assert Event.objects.filter(name="rfm_segment_changed").count() == people


def test_who_moves_to_and_fro_is_told_each_time(coffee_card, dora, now):
    came(coffee_card, now, 1)
    rfm.recount(now=now)
    rfm.recount(now=now + days(40))
    till.accrue(coffee_card, now + days(40), amount=1)
    rfm.recount(now=now + days(40))
    rfm.recount(now=now + days(80))

    assert moves(dora) == [
        ("beginners", "doubtful"),
        ("doubtful", "beginners"),
        ("beginners", "doubtful"),
    ]


def test_who_joins_after_the_first_count_gets_a_place_in_silence(business, now):
    rfm.recount(now=now)
    late = person(now, first_name="Late")

    rfm.recount(now=now + days(1))

    assert segment(late) == "beginners"
    assert moves(late) == []


@pytest.mark.parametrize("tell", [False, True])
def test_other_thresholds_tell_only_if_asked(tell, coffee_card, dora, now):
    came(coffee_card, now, 20)
    rfm.recount(now=now)

    moved = rfm.configure(
        preset="grid", recency_days=[10, 30, 90], visit_counts=[3, 7], tell=tell, now=now
    )

    assert (moved, segment(dora)) == (1, "doubtful")
    assert moves(dora) == ([("beginners", "doubtful")] if tell else [])
    rfm.recount(now=now + days(20))
    assert moves(dora)[-1] == ("doubtful", "sleeping")


def test_a_preview_changes_nothing(coffee_card, dora, now):
    came(coffee_card, now, 20)
    rfm.recount(now=now)

    seen = rfm.preview(rfm.checked("grid", [10, 30, 90], [3, 7], {}, None), now=now)

    assert seen == {"sizes": {"doubtful": 1}, "moving": 1, "customers": 1}
    assert segment(dora) == "beginners"
    assert Rfm.objects.get().recency_days == [30, 60, 90]


@pytest.mark.parametrize(
    ("recency", "visits"), [([30, 30, 90], [3, 7]), ([30, 60], [3, 7]), ([30, 60, 90], [7, 3])]
)
def test_thresholds_must_climb(recency, visits, business, now):
    with pytest.raises(Invalid):
        rfm.configure(preset="grid", recency_days=recency, visit_counts=visits, now=now)

    assert not Rfm.objects.exists()


def test_fifths_rank_by_days_visits_and_money(coffee, aurora, business, now):
    people = []
    for n in range(1, 11):
        who = person(now - days(200), first_name=f"P{n}")
        card, _new = cards.issue(aurora, who, cause=BY_STAFF, now=now)
        for visit in range(n):
            till.accrue(card, now - days(100 - 9 * n + visit * 0.01), purchase_cents=1_000)
            till.accrue(card, now - days(150 - visit), purchase_cents=100 * n)
        people.append(who)

    rfm.configure(preset="ranked", now=now)

    scores = list(
        RfmStanding.objects.order_by("customer").values_list("recency", "visits", "spent")
    )
    assert scores == [(n, n, n) for n in (1, 1, 2, 2, 3, 3, 4, 4, 5, 5)]
    assert segment(people[9]) == "champions"
    assert segment(people[0]) == "lost"


def test_equal_figures_have_equal_scores(business, now):
    for n in range(6):
        person(now, first_name=f"P{n}")

    rfm.configure(preset="ranked", now=now)

    assert set(RfmStanding.objects.values_list("recency", "visits", "spent")) == {(1, 1, 1)}


@pytest.mark.parametrize("preset", rfm.PRESETS.values(), ids=lambda preset: preset.slug)
def test_sql_and_the_page_agree_on_every_cell(preset, business, now):
    """The page colours a cell by `kind_at`, the count says who is in it by SQL."""
    rfm.configure(
        preset=preset.slug,
        recency_days=preset.recency_days,
        visit_counts=preset.visit_counts,
        now=now,
    )
    for n in range(12):
        person(now - days(45 * n), first_name=f"P{n}")
    scheme = rfm.current()

    rfm.recount(now=now)

    for row in RfmStanding.objects.all():
        assert row.segment == scheme.kind_at(row.recency, row.visits, row.spent).slug


def test_the_erased_stand_nowhere(coffee_card, dora, now):
    came(coffee_card, now, 1)
    rfm.recount(now=now)

    customers.erase(dora, cause=BY_STAFF, now=now)
    rfm.recount(now=now + days(50))

    assert not RfmStanding.objects.exists()
    assert moves(dora) == []


def test_it_is_due_once_a_day_at_four_in_the_morning(business, dora, now):
    assert recounts.due(now) == [recounts.RFM]
    recounts.recount(recounts.RFM, now=now)

    assert Rfm.objects.get().next_at == datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
    assert recounts.due(now + timedelta(hours=22)) == []
    assert recounts.due(now + timedelta(hours=23)) == [recounts.RFM]


def test_a_clock_that_was_set_back_does_not_stop_it(business, dora, now):
    rfm.recount(now=now + days(400))

    assert rfm.is_due(now)
