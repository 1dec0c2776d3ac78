"""What the till sees of claims, and what a checkout holds itself."""

from datetime import timedelta

import pytest

from loyalty import counter
from loyalty.counter import Wish
from loyalty.errors import IllegalOperation, RewardUnavailable
from loyalty.ledger.audit import broken
from loyalty.models import Event, Hold, Operation
from tests.cast import give
from tests.loyalty.claims import capture, claim
from tests.loyalty.postings import held
from tests.loyalty.shop import told
from tests.loyalty.till import OFFICE, TILL, request, undo

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_the_till_sees_claims_and_hands_them_over(rich, now):
    hold = claim(rich, now)

    shown = counter.show(rich, now)["claims"]
    body = counter.capture(hold.pk, by=TILL, request=request(), now=now).body

    assert shown == [
        {
            "id": hold.pk,
            "reward": "A piece of cake",
            "amount": 50,
            "unit": "points",
            "until": "2026-03-04T10:00:00Z",
            "settles_itself": False,
        }
    ]
    assert body["operation"]["kind"] == "capture"
    assert body["card"]["claims"] == []


def test_what_was_handed_over_can_be_undone_by_whom_it_was(rich, now):
    body = counter.capture(claim(rich, now).pk, by=TILL, request=request(), now=now).body
    hold = Hold.objects.get()
    taken = {"operation": {"id": hold.operation_id}}
    assert body["operation"]["id"] != hold.operation_id

    undo(taken, now + timedelta(minutes=10))

    assert held(rich) == {"points": 100}
    assert broken(now) == []


def test_what_is_only_held_is_given_back_and_not_undone(rich, now):
    wish = Wish(amount=30)
    body = counter.hold(rich.serial, wish, None, by=OFFICE, request=request(), now=now).body

    with pytest.raises(IllegalOperation):
        undo(body, now)
    answer = counter.void(body["claim"]["id"], "Not paid", by=TILL, request=request(), now=now)

    assert held(rich) == {"points": 100}
    assert answer.body["operation"]["reverses"] == body["operation"]["id"]
    assert not Hold.objects.get().is_claim
    assert not told("points_claimed").exists()


def test_a_held_operation_and_its_void_are_replayed_word_for_word(rich, now):
    held_under, voided_under = request(), request()
    wish = Wish(amount=30)

    first = counter.hold(rich.serial, wish, None, by=OFFICE, request=held_under, now=now)
    again = counter.hold(rich.serial, wish, None, by=OFFICE, request=held_under, now=now)
    number = first.body["claim"]["id"]
    back = counter.void(number, "", by=TILL, request=voided_under, now=now)
    back_again = counter.void(number, "", by=TILL, request=voided_under, now=now + DAY)

    assert (first.body, back.body) == (again.body, back_again.body)
    assert again.is_replay
    assert back_again.is_replay
    assert Operation.objects.filter(card=rich).count() == 4  # issue, a start, hold, void


def test_holding_nothing_for_a_milestone_is_a_hold_too(stamps, now):
    give(stamps, 5, "five", now)
    cup = stamps.program.rewards.create(name="A cup", price=5)

    hold = claim(stamps, now, reward=cup)
    with pytest.raises(RewardUnavailable):
        claim(stamps, now, "again", reward=cup)
    capture(hold, now)

    assert held(stamps)["stamps"] == 5
    assert Event.objects.filter(name="reward_redeemed").count() == 1
