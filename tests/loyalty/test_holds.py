"""What is held is off the card, and is handed over or given back: one of them, and once."""

from datetime import timedelta

import pytest

from loyalty import calendar, cards, counter, holds, ledger
from loyalty.errors import (
    AlreadyRedeemed,
    AlreadyReversed,
    AmountRequired,
    ClaimOver,
    Forbidden,
    InsufficientBalance,
    Invalid,
    LoyaltyError,
    NotFound,
    RewardUnavailable,
)
from loyalty.holds import LONGEST
from loyalty.ledger.audit import broken
from loyalty.models import Card, Hold, Lot, Program
from loyalty.programs.coupon import CouponProgram
from tests.cast import give
from tests.loyalty.claims import STAFF, capture, claim, void
from tests.loyalty.postings import held, rows
from tests.loyalty.shop import told
from tests.loyalty.till import TILL, NewCard, request

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


# --- Holding --------------------------------------------------------------------------------------


def test_what_is_claimed_is_off_the_card_and_told(rich, now):
    hold = claim(rich, now)

    assert held(rich) == {"points": 50}
    assert (hold.unit, hold.amount, hold.is_claim, hold.until) == ("points", 50, True, now + DAY)
    assert told("points_claimed").get().data == {
        "unit": "points",
        "amount": 50,
        "reward": "A piece of cake",
        "claim": hold.pk,
    }
    assert not told("reward_redeemed").exists()


def test_its_program_says_how_long_it_is_kept(rich, now):
    Program.objects.filter(pk=rich.program_id).update(claim_hours=3)

    hold = claim(Card.objects.get(pk=rich.pk), now)

    assert hold.until == now + timedelta(hours=3)
    assert holds.of(rich, hold.until) == []


def test_the_same_key_claims_once(rich, now):
    first = claim(rich, now)
    again = claim(rich, now + timedelta(hours=1))

    assert first.pk == again.pk
    assert Hold.objects.count() == told("points_claimed").count() == 1
    assert held(rich) == {"points": 50}


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"amount": 40}, Forbidden),
        ({"unit": "points"}, AmountRequired),
        ({"until": timedelta(0)}, Invalid),
        ({"until": LONGEST + DAY}, Invalid),
    ],
)
def test_what_cannot_be_claimed_changes_nothing(rich, now, wish, refusal):
    before = rows()
    if "until" in wish:
        wish = {"reward": rich.program.rewards.first(), "until": now + wish["until"]}

    with pytest.raises(refusal):
        claim(rich, now, **wish)

    assert (rows(), Hold.objects.count()) == (before, 0)


def test_no_more_is_claimed_than_there_is(rich, now):
    claim(rich, now, "one")
    claim(rich, now, "two")

    with pytest.raises(InsufficientBalance):
        claim(rich, now, "three")


def test_a_claim_counts_against_a_rewards_limit_until_it_is_given_back(rich, now):
    cake = rich.program.rewards.get(name="A piece of cake")
    cake.uses_per_card = 1
    cake.save()
    hold = claim(rich, now, reward=cake)

    with pytest.raises(RewardUnavailable):
        claim(rich, now, "another", reward=cake)

    void(hold, now)
    assert claim(rich, now, "a third", reward=cake).pk


@pytest.mark.parametrize("kind", ["stamp", "cashback", "gift", "multipass", "coupon"])
def test_every_card_that_redeems_can_be_held_and_given_back(new_card: NewCard, now, kind):
    card = new_card(kind)
    unit = card.program.spends
    if not held(card)[unit]:
        ledger.post(_accrual(card, unit), now=now)
    before = held(card)

    hold = claim(card, now, unit=unit, amount=1)
    taken = held(card)
    void(hold, now)

    assert taken[unit] < before[unit]
    assert held(card) == before
    assert broken(now) == []


@pytest.mark.parametrize("kind", ["discount", "open_membership"])
def test_a_card_that_redeems_nothing_holds_nothing(new_card: NewCard, now, kind):
    with pytest.raises(LoyaltyError):
        claim(new_card(kind), now, amount=1)

    assert not Hold.objects.exists()


def _accrual(card: Card, unit: str) -> ledger.Posting:
    return ledger.Posting(card.pk, ledger.Kind.ACCRUE, "a start", "staff:1", STAFF, unit, 20)


# --- Handing over ---------------------------------------------------------------------------------


def test_what_is_handed_over_is_spent_and_told(rich, now):
    hold = claim(rich, now)

    posted = capture(hold, now)

    assert (posted.kind, posted.lines) == ("capture", [])
    assert held(rich) == {"points": 50}
    data = {"reward": "A piece of cake", "unit": "points", "amount": 50}
    assert told("reward_redeemed").get().data == data
    assert broken(now) == []


def test_a_captured_coupon_turns_into_its_card(new_card: NewCard, coffee, now):
    coupon = new_card("coupon")
    CouponProgram.objects.filter(pk=coupon.program_id).update(turns_into=coffee)
    hold = claim(coupon, now, unit="uses", amount=1)

    body = counter.capture(hold.pk, by=TILL, request=request(), now=now).body

    stamps = Card.objects.get(serial=body["issued"]["serial"])
    assert held(stamps)["stamps"] == 1
    assert told("coupon_redeemed").count() == 1


@pytest.mark.parametrize(
    ("first", "then", "refusal"),
    [
        (capture, capture, AlreadyRedeemed),
        (capture, void, AlreadyRedeemed),
        (void, capture, AlreadyReversed),
        (void, void, AlreadyReversed),
    ],
)
def test_it_is_settled_once(rich, now, first, then, refusal):
    hold = claim(rich, now)
    first(hold, now, "first")
    before = rows(), held(rich)

    with pytest.raises(refusal):
        then(hold, now, "then")

    assert (rows(), held(rich)) == before


@pytest.mark.parametrize("settle", [capture, void])
def test_the_same_key_settles_once(rich, now, settle):
    hold = claim(rich, now)

    first, again = settle(hold, now), settle(hold, now)

    assert first.id == again.id
    assert again.is_replay


def test_a_card_that_expired_meanwhile_still_gets_what_was_claimed(rich, now):
    hold = claim(rich, now)
    Card.objects.filter(pk=rich.pk).update(expires_at=now + timedelta(hours=1))

    capture(hold, now + timedelta(hours=2))

    assert told("reward_redeemed").exists()


def test_a_blocked_card_gets_nothing(rich, now):
    hold = claim(rich, now)
    Card.objects.filter(pk=rich.pk).update(status="blocked")

    with pytest.raises(NotFound):
        capture(hold, now)


# --- Giving back ----------------------------------------------------------------------------------


def test_the_clock_gives_back_what_nobody_fetched(rich, now):
    hold = claim(rich, now)
    assert calendar.due(now + DAY - timedelta(seconds=1)) == []
    assert calendar.due(now + DAY) == [0]

    calendar.settle(0, now=now + DAY)
    calendar.settle(0, now=now + DAY)

    hold.refresh_from_db()
    assert (hold.state, hold.settled_by) == ("voided", "clock")
    assert held(rich) == {"points": 100}
    assert calendar.due(now + DAY) == []
    assert broken(now + DAY) == []


def test_what_is_over_is_not_handed_over_even_before_the_clock_came(rich, now):
    hold = claim(rich, now)

    with pytest.raises(ClaimOver):
        capture(hold, now + DAY)

    assert holds.of(rich, now + DAY) == []


def test_what_comes_back_to_a_lot_that_expired_lives_for_its_grace(short_lived, now):
    give(short_lived, 60, "a start", now)
    hold = claim(short_lived, now + 29 * DAY)
    later = now + 31 * DAY

    calendar.settle(0, now=later)

    hold.refresh_from_db()
    lot = Lot.objects.filter(remaining__gt=0).get()
    assert (lot.remaining, lot.expires_at) == (50, later + 30 * DAY)
    assert broken(later) == []


def test_who_claims_again_and_again_gains_one_grace(short_lived, now):
    give(short_lived, 50, "a start", now)
    claim(short_lived, now + 29 * DAY, "first")
    calendar.settle(0, now=now + 31 * DAY)
    end = Lot.objects.get(remaining=50).expires_at

    again = claim(short_lived, end - timedelta(hours=1), "again")
    calendar.settle(0, now=end + DAY)

    again.refresh_from_db()
    assert (again.state, held(short_lived)) == ("voided", {"points": 0})
    assert told("value_expired").get().data == {"unit": "points", "amount": 50}
    assert calendar.due(end + DAY) == []
    assert broken(end + DAY) == []


def test_what_comes_back_in_time_keeps_the_end_of_its_grace(short_lived, now):
    give(short_lived, 50, "a start", now)
    claim(short_lived, now + 29 * DAY, "first")
    calendar.settle(0, now=now + 31 * DAY)
    end = Lot.objects.get(remaining=50).expires_at

    again = claim(short_lived, end - 2 * DAY, "again")
    void(again, end - DAY)

    assert Lot.objects.get(remaining=50).expires_at == end
    assert held(short_lived) == {"points": 50}


def test_what_is_held_of_a_card_that_is_deleted_waits_for_nobody(rich, now):
    claimed = claim(rich, now)

    for _twice in range(2):
        cards.delete(rich, cause=STAFF, now=now)

    claimed.refresh_from_db()
    assert (claimed.state, claimed.settled_by, claimed.settled_at) == ("voided", "staff:1", now)
    assert not holds.overdue(claimed.until).exists()
    with pytest.raises(AlreadyReversed):
        capture(claimed, now)
