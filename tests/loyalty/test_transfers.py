"""From card to card: a pair of operations that keeps every end, and is undone as a pair."""

from datetime import timedelta

import pytest

from loyalty import cards, counter, merging
from loyalty.customers import Who
from loyalty.errors import (
    AlreadyReversed,
    CardExpired,
    Forbidden,
    IllegalOperation,
    InsufficientBalance,
    LoyaltyError,
    NotFound,
)
from loyalty.ledger.audit import broken
from loyalty.models import Account, Card, Lot, Operation, Program
from loyalty.programs.stamp import StampProgram
from tests.cast import BY_STAFF, give
from tests.loyalty import postings, programs
from tests.loyalty.postings import held, owed, rows
from tests.loyalty.shop import paid, refund, told
from tests.loyalty.till import OFFICE, TILL, redeem, request, undo

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def bobs(rich, bob, now):
    """Bob's card of the same program, which lets things be transferred."""
    Program.objects.filter(pk=rich.program_id).update(allows_transfer=True)
    return cards.issue(rich.program, bob, cause=BY_STAFF, now=now)[0]


def transfer(giver, taker, amount, now, unit="", under=None):
    return counter.transfer(
        giver.serial, taker.serial, amount, unit, by=OFFICE, request=under or request(), now=now
    ).body


def test_what_is_transferred_is_on_the_other_card(rich, bobs, now):
    body = transfer(rich, bobs, 30, now)

    assert (held(rich), held(bobs)) == ({"points": 70}, {"points": 30})
    assert body["operation"]["entries"] == [{"unit": "points", "amount": -30, "balance": 70}]
    assert body["received"]["entries"] == [{"unit": "points", "amount": 30, "balance": 30}]
    assert {each.customer_id for each in told("balance_changed").filter(data__amount=30)} == {
        bobs.customer_id
    }
    assert broken(now) == []


def test_it_was_neither_earned_nor_spent(rich, bobs, now):
    before = _lifetimes(rich, bobs)

    done = transfer(rich, bobs, 30, now)
    assert _lifetimes(rich, bobs) == before
    counter.reverse(done["operation"]["id"], "", by=OFFICE, request=request(), now=now)

    assert _lifetimes(rich, bobs) == before


def _lifetimes(*both):
    accounts = Account.objects.filter(card__in=both).order_by("pk")
    return list(accounts.values_list("lifetime_in", "lifetime_out"))


def test_lots_keep_their_ends(rich, bobs, now):
    Program.objects.filter(pk=rich.program_id).update(lot_life_days=30)
    give(Card.objects.get(pk=rich.pk), 20, "later", now)
    give(Card.objects.get(pk=rich.pk), 20, "later still", now + DAY)
    ends = list(Lot.objects.filter(account__card=rich).values_list("expires_at", "remaining"))

    transfer(rich, bobs, 50, now + DAY)

    found = Lot.objects.filter(account__card=bobs).order_by("expires_at")
    assert list(found.values_list("expires_at", "remaining")) == [
        *sorted(ends)[:2],
        (sorted(ends)[2][0], 10),
    ]
    assert broken(now + DAY) == []


@pytest.mark.parametrize("lapses", [False, True])
def test_what_lives_by_grace_gains_no_other_there(bobs, carol, now, lapses):
    Program.objects.filter(pk=bobs.program_id).update(lot_life_days=30, lot_life_restarts=lapses)
    carols = cards.issue(bobs.program, carol, cause=BY_STAFF, now=now)[0]
    give(Card.objects.get(pk=bobs.pk), 20, "twenty", now)
    taken = postings.redeem(bobs, 20, "taken", now)
    postings.reverse(taken.id, "comes back", now + 40 * DAY)

    transfer(bobs, carols, 20, now + 50 * DAY)
    taken = postings.redeem(carols, 20, "taken again", now + 60 * DAY)
    assert not told("value_expired").exists()
    postings.reverse(taken.id, "comes back again", now + 80 * DAY)

    assert (held(bobs), held(carols)) == ({"points": 0}, {"points": 0})
    assert told("value_expired").get().card_id == carols.pk
    assert broken(now + 80 * DAY) == []


def test_debt_is_paid_first(rich, bobs, bob, now):
    paid(now, 2_000, customer=Who(id=bob.pk))
    redeem(bobs, now, OFFICE, amount=20)
    refund(now, 2_000)
    assert owed(bobs) == {"points": 20}

    body = transfer(rich, bobs, 30, now)
    assert (owed(bobs), held(bobs)) == ({}, {"points": 10})
    counter.reverse(body["received"]["id"], "", by=OFFICE, request=request(), now=now)

    assert (owed(bobs), held(rich)) == ({"points": 20}, {"points": 100})
    assert broken(now) == []


def test_full_rows_become_rewards(coffee, stamps, bob, now):
    StampProgram.objects.filter(pk=coffee.pk).update(allows_transfer=True)
    bobs = cards.issue(coffee, bob, cause=BY_STAFF, now=now)[0]
    give(stamps, 9, "nine", now)
    give(bobs, 8, "eight", now)

    body = transfer(stamps, bobs, 9, now, "stamps")
    assert held(bobs) == {"stamps": 7, "rewards": 1}
    undo(body, now, OFFICE)

    assert (held(stamps), held(bobs)) == (
        {"stamps": 9, "rewards": 0},
        {"stamps": 8, "rewards": 0},
    )
    assert broken(now) == []


@pytest.mark.parametrize("half", ["operation", "received"])
def test_either_half_undoes_both_and_once(rich, bobs, now, half):
    done = transfer(rich, bobs, 30, now)
    undoing = request()
    if half == "received":
        with pytest.raises(Forbidden):
            counter.reverse(done[half]["id"], "", by=TILL, request=request(), now=now)

    counter.reverse(done[half]["id"], "Oh", by=OFFICE, request=undoing, now=now)
    again = counter.reverse(done[half]["id"], "Oh", by=OFFICE, request=undoing, now=now)

    assert again.is_replay
    assert (held(rich), held(bobs)) == ({"points": 100}, {"points": 0})
    for each in ("operation", "received"):
        with pytest.raises(AlreadyReversed):
            counter.reverse(done[each]["id"], "", by=OFFICE, request=request(), now=now)
    assert broken(now) == []


def test_what_the_other_has_spent_does_not_come_back(rich, bobs, now):
    done = transfer(rich, bobs, 60, now)
    redeem(bobs, now, OFFICE, amount=10)
    before = rows()

    with pytest.raises(InsufficientBalance):
        counter.reverse(done["operation"]["id"], "", by=OFFICE, request=request(), now=now)

    assert rows() == before


def test_the_same_key_transfers_once(rich, bobs, now):
    under = request()

    assert transfer(rich, bobs, 30, now, under=under) == transfer(rich, bobs, 30, now, under=under)
    assert held(bobs) == {"points": 30}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"program": {"allows_transfer": False}}, IllegalOperation),
        ({"card": {"status": "blocked"}}, NotFound),
        ({"card": {"expired": True}}, CardExpired),
        ({"amount": 101}, InsufficientBalance),
        ({"unit": "stamps"}, IllegalOperation),
    ],
)
def test_what_may_not_be_transferred_changes_nothing(rich, bobs, now, change, refusal):
    if "program" in change:
        Program.objects.filter(pk=rich.program_id).update(**change["program"])
    if said := change.get("card"):
        said = {"expires_at": now} if "expired" in said else said
        Card.objects.filter(pk=bobs.pk).update(**said)
    before = rows()

    with pytest.raises(refusal):
        transfer(rich, bobs, change.get("amount", 1), now, change.get("unit", ""))

    assert rows() == before


def test_a_card_gives_nothing_to_itself_nor_to_what_counts_otherwise(rich, bobs, dora, now):
    cashback = programs.make("cashback")
    Program.objects.filter(pk=cashback.pk).update(allows_transfer=True)
    other = cards.issue(cashback, dora, cause=BY_STAFF, now=now)[0]

    for taker in (rich, other):
        with pytest.raises(IllegalOperation):
            transfer(rich, taker, 1, now)


@pytest.mark.parametrize("kind", ["discount", "coupon", "membership"])
def test_some_cards_never_give(new_card, bob, now, kind):
    mine = new_card(kind)
    Program.objects.filter(pk=mine.program_id).update(allows_transfer=True)
    theirs = cards.issue(mine.program, bob, cause=BY_STAFF, now=now)[0]

    with pytest.raises(LoyaltyError):
        transfer(mine, theirs, 1, now)

    assert not Operation.objects.filter(kind="transfer").exists()


@pytest.mark.parametrize("kind", ["cashback", "gift", "multipass", "lapsing_stamp"])
def test_every_card_of_value_gives_and_gets_back(new_card, bob, now, kind):
    mine = new_card(kind)
    unit = "stamps" if "stamp" in kind else mine.program.spends
    Program.objects.filter(pk=mine.program_id).update(allows_transfer=True)
    theirs = cards.issue(
        mine.program, bob, cause=BY_STAFF, now=now, opening=programs.OPENINGS.get(kind)
    )[0]
    if unit in ("points", "stamps"):
        give(mine, 5, "five", now)
    before = held(mine), held(theirs)

    done = transfer(mine, theirs, 4, now, unit)
    after = held(mine), held(theirs)
    undo(done, now, OFFICE)

    assert after[1][unit] - before[1][unit] == before[0][unit] - after[0][unit] == 4
    assert (held(mine), held(theirs)) == before


@pytest.mark.parametrize("how", ["block", "delete", "merge"])
def test_nothing_goes_back_to_a_card_that_nobody_can_use(rich, bobs, dora, carol, now, how):
    done = transfer(rich, bobs, 30, now)
    match how:
        case "block":
            cards.block(rich, now=now)
        case "delete":
            cards.delete(rich, cause=BY_STAFF, now=now)
        case "merge":
            cards.issue(rich.program, carol, cause=BY_STAFF, now=now)
            merging.merge(dora, carol, cause=BY_STAFF, now=now)

    with pytest.raises(IllegalOperation):
        undo({"operation": done["received"]}, now, OFFICE)

    assert held(bobs) == {"points": 30}
