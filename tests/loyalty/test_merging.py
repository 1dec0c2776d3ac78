"""Two customers who are one person: nothing is lost, nothing is there twice."""

from datetime import timedelta

import pytest

from loyalty import cards, customers, holds, ledger, merging, orders
from loyalty.customers import Who
from loyalty.errors import IllegalOperation, NotFound
from loyalty.ledger.audit import broken
from loyalty.models import Card, Customer, Event, Hold, Lot, Operation, Order, Program
from loyalty.models.mechanics import Mechanics
from loyalty.programs.stamp import StampProgram
from tests.cast import BY_STAFF, give, person
from tests.loyalty import programs
from tests.loyalty.claims import claim
from tests.loyalty.postings import held, owed, rows
from tests.loyalty.shop import paid, refund, told
from tests.loyalty.till import OFFICE, accrue, redeem

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def other(db, now):
    """The same Dora, as a shop system knows her."""
    return person(
        now - DAY,
        email="d@shop.example",
        phone="+41446681800",
        external_id="shop-7",
        first_name="D.",
        last_name="Dorn",
        tags=["vip", "cake"],
        attributes={"size": "M", "seat": "window"},
        consent={"sms": True, "email": False},
    )


def merge(gone, kept, now):
    return merging.merge(gone, kept, cause=BY_STAFF, now=now)


def test_details_fill_gaps_and_nothing_is_overwritten(dora, other, now):
    customers.change(dora, {"tags": ["cake"], "attributes": {"size": "L"}}, cause=BY_STAFF, now=now)

    kept = merge(other, dora, now)

    kept.refresh_from_db()
    assert (kept.email, kept.phone, kept.external_id) == (
        "dora@example.com",
        "+41446681800",
        "shop-7",
    )
    assert (kept.first_name, kept.last_name) == ("Dora", "Dorn")
    assert kept.tags == ["cake", "vip"]
    assert kept.attributes == {"size": "L", "seat": "window"}
    assert kept.created_at == now - DAY
    assert told("customer_merged").get().data == {"gone": other.pk}
    assert told("customer_merged").get().customer_id == kept.pk


def test_a_no_never_becomes_a_yes(dora, other, now):
    kept = merge(other, dora, now)

    kept.refresh_from_db()
    assert kept.consents == {"email": False, "sms": True}
    assert kept.consent_history.count() == 3
    assert told("consent_changed").filter(customer=kept).count() == 2


@pytest.mark.parametrize(
    "who", [{"email": "d@shop.example"}, {"external_id": "shop-7"}, {"phone": "+41446681800"}]
)
def test_whoever_looks_for_the_one_finds_the_other(dora, other, now, who):
    number = other.pk
    merge(other, dora, now)

    assert customers.find(Who(**who)) == dora
    assert customers.find(Who(id=number)) == dora
    assert list(Customer.objects.present()) == [dora]


def test_merged_twice_they_still_find_the_last(dora, other, bob, now):
    merge(other, dora, now)
    merge(dora, bob, now)

    assert customers.find(Who(id=other.pk)) == bob
    assert customers.find(Who(email="d@shop.example")) == bob


def test_who_is_forgotten_is_forgotten_under_every_name(dora, other, now):
    kept = merge(other, dora, now)
    told = {"email": "d@shop.example", "phone": "+41446681899"}
    customers.change(kept, told, cause=BY_STAFF, now=now)

    customers.erase(kept, cause=BY_STAFF, now=now)

    assert not Customer.objects.exclude(email="", phone="", external_id="").exists()
    assert not Customer.objects.exclude(first_key="", last_key="", phone_key="").exists()
    assert customers.find_each([Who(id=other.pk)]) == {Who(id=other.pk): None}


def test_it_may_be_repeated_and_not_turned_round(dora, other, now):
    merge(other, dora, now)
    before = rows()

    assert merge(other, dora, now) == dora
    with pytest.raises(NotFound):
        merge(dora, other, now)
    with pytest.raises(IllegalOperation):
        merge(dora, dora, now)

    assert rows() == before


# --- Cards ----------------------------------------------------------------------------------------


def test_cards_change_hands_and_twins_become_one(rich, dora, other, coffee, now):
    Program.objects.filter(pk=rich.program_id).update(lot_life_days=30)
    theirs = cards.issue(rich.program, other, cause=BY_STAFF, now=now)[0]
    alone = cards.issue(coffee, other, cause=BY_STAFF, now=now)[0]
    give(Card.objects.get(pk=theirs.pk), 40, "forty", now)
    ends = Lot.objects.get(account__card=theirs).expires_at

    merge(other, dora, now)

    alone.refresh_from_db()
    assert (alone.customer, alone.status) == (dora, "active")
    assert held(rich) == {"points": 140}
    assert held(theirs) == {"points": 0}
    assert Lot.objects.filter(account__card=rich, remaining=40).get().expires_at == ends
    assert cards.by_serial(theirs.serial) == cards.find(theirs.code) == rich
    assert not told("card_deleted").exists()
    assert broken(now) == []


def test_stamps_of_two_rows_fill_one_and_what_was_spent_is_added(stamps, dora, other, now):
    theirs = cards.issue(stamps.program, other, cause=BY_STAFF, now=now)[0]
    give(stamps, 8, "eight", now)
    give(theirs, 5, "five", now)
    Card.objects.filter(pk__in=[stamps.pk, theirs.pk]).update(remainder_cents=30)

    merge(other, dora, now)

    assert held(stamps) == {"stamps": 3, "rewards": 1}
    stamps.refresh_from_db()
    assert stamps.remainder_cents == 60
    assert broken(now) == []


def test_debt_is_paid_from_what_the_other_holds(points, dora, other, now):
    cards.issue(points.program, other, cause=BY_STAFF, now=now)
    theirs = other.cards.get()
    paid(now, 5_000, customer=Who(id=other.pk))
    redeem(theirs, now, OFFICE, amount=50)
    refund(now, 5_000)
    give(points, 20, "twenty", now)
    assert owed(theirs) == {"points": 50}

    merge(other, dora, now)

    assert (held(points), owed(points), owed(theirs)) == ({"points": 0}, {"points": 30}, {})
    assert broken(now) == []


def test_a_refund_after_the_merge_is_taken_from_the_card_that_stayed(points, dora, other, now):
    theirs = cards.issue(points.program, other, cause=BY_STAFF, now=now)[0]
    paid(now, 5_000, customer=Who(id=other.pk))

    merge(other, dora, now)
    assert held(points) == {"points": 50}
    refund(now, 2_000)

    assert Order.objects.get().customer == dora
    assert (held(points), owed(points)) == ({"points": 30}, {})
    assert owed(theirs) == {}
    assert broken(now) == []


def test_what_an_order_is_still_to_give_goes_to_the_card_that_stayed(points, dora, other, now):
    Program.objects.filter(pk=points.program_id).update(pending_days=14)
    cards.issue(points.program, other, cause=BY_STAFF, now=now)
    paid(now, 5_000, customer=Who(id=other.pk))

    merge(other, dora, now)
    orders.ripen(10, now=now + 15 * DAY)

    assert held(points) == {"points": 50}
    assert broken(now) == []


def test_what_was_claimed_comes_back_first(rich, dora, other, now):
    theirs = cards.issue(rich.program, other, cause=BY_STAFF, now=now)[0]
    give(theirs, 60, "sixty", now)
    claim(theirs, now)

    merge(other, dora, now)

    assert held(rich) == {"points": 160}
    assert Hold.objects.get().state == "voided"
    assert holds.of(rich, now) == []


@pytest.mark.parametrize("kind", ["cashback", "discount", "membership", "stamp", "lapsing_stamp"])
def test_two_cards_of_any_kind_become_one(new_card, dora, other, now, kind):
    mine = new_card(kind)
    theirs = cards.issue(mine.program, other, cause=BY_STAFF, now=now)[0]
    if kind != "membership":
        for card, key in ((mine, "mine"), (theirs, "theirs")):
            give(card, 7, key, now)
    Card.objects.filter(pk=theirs.pk).update(expires_at=now + 300 * DAY)
    before = {unit: held(mine)[unit] + held(theirs)[unit] for unit in mine.program.units}

    merge(other, dora, now)

    after = held(mine)
    if "stamp" in kind:
        assert after == {"stamps": 4, "rewards": 1}
    else:
        assert after == before
    assert Card.objects.active().get() == mine
    assert set(held(theirs).values()) == {0}
    assert broken(now) == []


def test_a_membership_has_the_later_end(new_card, dora, other, now):
    mine = new_card("membership")
    theirs = cards.issue(mine.program, other, cause=BY_STAFF, now=now)[0]
    later = now + 40 * DAY
    cards.change_expiry(theirs, later, now=now)

    merge(other, dora, now)

    mine.refresh_from_db()
    assert mine.expires_at == later


def test_gift_cards_are_kept_side_by_side(new_card, dora, other, now):
    mine = new_card("gift")
    theirs = cards.issue(mine.program, other, cause=BY_STAFF, now=now, opening=5_000)[0]

    merge(other, dora, now)

    assert set(Card.objects.active().filter(customer=dora)) == {mine, theirs}
    assert not Operation.objects.filter(kind="transfer").exists()


def test_what_happened_to_the_one_happened_to_the_other(dora, other, coffee, now):
    card = cards.issue(coffee, other, cause=BY_STAFF, now=now)[0]
    give(card, 1, "one", now)
    assert isinstance(coffee, StampProgram)

    merge(other, dora, now)

    mine = Event.objects.filter(customer=dora)
    assert {"card_issued", "balance_changed"} <= set(mine.values_list("name", flat=True))
    assert mine.values("shard").distinct().count() == 1
    assert not Event.objects.filter(customer=other).exists()


def test_the_twin_of_a_program_that_transfers_nothing_is_merged_all_the_same(dora, other, now):
    program = programs.make("discount")
    for customer, spent in ((dora, 100), (other, 50)):
        give(cards.issue(program, customer, cause=BY_STAFF, now=now)[0], spent, str(spent), now)

    merge(other, dora, now)

    card = Card.objects.active().get()
    assert ledger.held(card, now)["spent"].lifetime_in == 150
    assert held(card) == {"spent": 150}


def test_what_two_orders_left_over_is_there_once_after_a_refund(business, dora, other, now):
    spend = StampProgram.objects.create(
        slug="spend", name="Spend", mechanics=Mechanics.SPEND, earn_per_cents=100
    )
    mine, theirs = (cards.issue(spend, who, cause=BY_STAFF, now=now)[0] for who in (dora, other))
    accrue(mine, now, purchase_cents=310)
    accrue(theirs, now, purchase_cents=350)
    order = Order.objects.get(total_cents=350)
    merge(other, dora, now)

    cards.block(mine, now=now)
    orders.refund(order.key, "r1", 350, cause=BY_STAFF, now=now)

    mine.refresh_from_db()
    assert (held(mine)["stamps"], owed(mine), mine.remainder_cents) == (3, {}, 10)
    assert broken(now) == []
