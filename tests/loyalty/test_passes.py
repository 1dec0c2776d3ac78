"""Multipasses and memberships."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from loyalty import calendar, cards, counter, memberships
from loyalty.causes import Cause
from loyalty.counter import By
from loyalty.customers import Who
from loyalty.errors import (
    CardExpired,
    InsufficientBalance,
)
from loyalty.ledger.audit import broken
from loyalty.models import (
    Card,
    Customer,
    Event,
    Location,
    Operation,
    Plan,
    Program,
)
from loyalty.programs.membership import MembershipProgram
from tests.cast import BY_STAFF, balances
from tests.loyalty import programs
from tests.loyalty.till import OFFICE, NewCard, accrue, redeem, request, undo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business")]


def test_a_multipass_is_refused_when_its_visits_are_used(new_card: NewCard, now: datetime) -> None:
    card = new_card("multipass")
    redeem(card, now, amount=10)

    with pytest.raises(InsufficientBalance):
        redeem(card, now)
    assert accrue(card, now, amount=10)["card"]["balances"] == {"visits": 10, "points": 30}


def test_an_undone_visit_takes_its_points_back(new_card: NewCard, now: datetime) -> None:
    card = new_card("multipass")

    undo(redeem(card, now, amount=2), now)

    assert balances(card) == {"visits": 10, "points": 0}


def test_a_membership_ends_with_its_period_and_is_renewed(new_card: NewCard, now: datetime) -> None:
    card = new_card("membership")
    redeem(card, now, amount=5)
    over = now + timedelta(days=7)

    with pytest.raises(CardExpired):
        redeem(card, over)
    body = counter.renew(card.serial, None, by=OFFICE, request=request(), now=over).body

    assert body["card"]["balances"] == {"visits": 12}
    assert body["card"]["plan"]["name"] == "Weekly"
    assert redeem(card, over + timedelta(days=6, hours=22))["card"]["balances"] == {"visits": 11}


def test_who_renews_early_keeps_what_is_left_until_its_end(
    new_card: NewCard, now: datetime
) -> None:
    card = new_card("membership")
    redeem(card, now, amount=5)

    counter.renew(card.serial, None, by=OFFICE, request=request(), now=now + timedelta(days=6))

    assert balances(card) == {"visits": 7 + 12}
    later = now + timedelta(days=8)
    assert counter.show(Card.objects.get(pk=card.pk), later)["balances"] == {"visits": 12}


def test_another_plan_begins_now_and_drops_what_was_left(new_card: NewCard, now: datetime) -> None:
    card = new_card("membership")
    gold = Plan.objects.create(program=card.program, name="Gold", period="month", visits=40)

    counter.renew(card.serial, gold.pk, by=OFFICE, request=request(), now=now)

    assert balances(card) == {"visits": 40}
    row = Card.objects.get(pk=card.pk)
    assert row.plan == gold
    assert row.expires_at == datetime(2026, 4, 3, 9, 0, tzinfo=now.tzinfo)  # the clocks change


def test_a_membership_renews_by_itself_where_its_program_says_so(
    new_card: NewCard, now: datetime
) -> None:
    card = new_card("membership")
    MembershipProgram.objects.update(renews_by_itself=True)
    redeem(card, now, amount=5)
    week = timedelta(days=7)
    assert not memberships.ending(now).exists()

    calendar.settle(0, now=now + week)
    calendar.settle(0, now=now + week)

    assert balances(card) == {"visits": 12}
    assert Card.objects.get(pk=card.pk).expires_at == now + 2 * week - timedelta(hours=1)  # DST
    # Months later one period begins, not all that were missed.
    calendar.settle(0, now=now + 10 * week + timedelta(days=1))
    assert Operation.objects.filter(card=card, kind="renew").count() == 2
    assert balances(card) == {"visits": 12}


def test_a_trial_is_shorter_than_the_period(dora: Customer, now: datetime) -> None:
    program = programs.make("membership")
    MembershipProgram.objects.update(trial_days=3)

    card, _new = cards.issue(Program.objects.get(pk=program.pk), dora, cause=BY_STAFF, now=now)

    assert card.expires_at == now + timedelta(days=3)


def test_visits_may_be_limited_at_a_location(
    new_card: NewCard, location: Location, now: datetime
) -> None:
    card = new_card("membership")
    Plan.objects.update(visits_per_location=2)
    other = Location.objects.create(name="Hill", slug="hill", time_zone="UTC")
    here = By(actor="token:3", cause=Cause("api:3"), location_id=location.pk)
    there = By(actor="token:3", cause=Cause("api:3"), location_id=other.pk)
    taken = redeem(card, now, here, amount=2)

    with pytest.raises(InsufficientBalance):
        redeem(card, now, here)
    redeem(card, now, there)
    undo(taken, now)
    redeem(card, now, here)


# --- Ends and periods ---------------------------------------------------------------------------


@pytest.fixture
def renewing(new_card: NewCard) -> Card:
    card = new_card("membership")
    MembershipProgram.objects.update(renews_by_itself=True)
    return card


def test_an_end_that_staff_put_back_holds_up_nobody(
    renewing: Card, alice: Customer, now: datetime
) -> None:
    other, _new = cards.issue(renewing.program, alice, cause=BY_STAFF, now=now)
    end = Card.objects.get(pk=renewing.pk).expires_at
    assert end is not None
    calendar.settle(0, now=end)
    cards.change_expiry(renewing, end, now=end + timedelta(days=1))

    later = end + timedelta(days=8)
    for _twice in range(2):
        calendar.settle(0, now=later)

    assert calendar.due(later) == []
    assert Card.objects.get(pk=renewing.pk).state(later) == "expired"
    assert Card.objects.get(pk=other.pk).state(later) == "active"


def test_staff_end_a_membership_that_renews_by_itself(renewing: Card, now: datetime) -> None:
    cards.change_expiry(renewing, now + timedelta(days=1), now=now)

    calendar.settle(0, now=now + timedelta(days=1))

    assert Card.objects.get(pk=renewing.pk).state(now + timedelta(days=1)) == "expired"
    assert Event.objects.filter(name="card_expired").count() == 1


def test_who_has_ended_long_ago_is_not_brought_back(new_card: NewCard, now: datetime) -> None:
    card = new_card("membership")
    calendar.settle(0, now=now + timedelta(days=7))

    MembershipProgram.objects.update(renews_by_itself=True)
    calendar.settle(0, now=now + timedelta(days=900))

    assert Card.objects.get(pk=card.pk).state(now + timedelta(days=900)) == "expired"


def test_a_visit_of_another_plan_is_over_when_it_is_undone(
    new_card: NewCard, now: datetime
) -> None:
    card = new_card("membership")
    free = Plan.objects.create(program=card.program, name="Free", period="week")
    visit = redeem(card, now)
    soon = now + timedelta(minutes=1)
    counter.renew(card.serial, free.pk, by=OFFICE, request=request(), now=soon)
    counted = accrue(card, soon, visits=3)
    weekly = Plan.objects.get(name="Weekly")

    undo(visit, soon)
    assert balances(card) == {"visits": 3}
    later = soon + timedelta(minutes=1)
    counter.renew(card.serial, weekly.pk, by=OFFICE, request=request(), now=later)
    undo(counted, later)

    assert balances(card) == {"visits": 12}
    assert broken(later) == []


def test_a_counted_visit_that_is_over_leaves_no_debt(new_card: NewCard, now: datetime) -> None:
    card = new_card("open_membership")
    end = Card.objects.get(pk=card.pk).expires_at
    assert end is not None
    counted = accrue(card, end - timedelta(minutes=5), visits=1)

    undo(counted, end + timedelta(minutes=5))

    assert not card.accounts.filter(debt__gt=0).exists()


def test_issuing_again_gives_no_visits_at_a_location_back(
    new_card: NewCard, location: Location, now: datetime
) -> None:
    card = new_card("membership")
    Plan.objects.update(visits_per_location=1)
    here = By(actor="token:3", cause=Cause("api:3"), location_id=location.pk)
    redeem(card, now, here)

    who = Who(id=card.customer_id)
    counter.issue(card.program.slug, who, by=OFFICE, request=request(), now=now)
    counter.renew(card.serial, None, by=OFFICE, request=request(), now=now)

    with pytest.raises(InsufficientBalance):
        redeem(card, now, here)
    redeem(card, now + timedelta(days=8), here)


def test_a_plan_that_cards_have_keeps_its_kind(new_card: NewCard) -> None:
    card = new_card("membership")
    plan = Plan.objects.get(program=card.program)
    plan.visits = None

    with pytest.raises(ValidationError, match="Cards have this plan"):
        plan.full_clean()
