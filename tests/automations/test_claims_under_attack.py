"""What is claimed is paid once for what is given: no way out of a chain leaves both."""

from datetime import timedelta

import pytest

from automations import publishing
from automations.models import Journey
from loyalty import cards, holds, merging
from loyalty.ledger.audit import broken
from loyalty.models import Coupon, Event, Hold, Operation
from tests.automations.chains import run, runs, wave, working
from tests.automations.ruled import BROKEN, break_it
from tests.automations.test_settled_claims import CLAIMED, CODE, HOUR, TAG, WAIT
from tests.cast import BY_STAFF, balances, give
from tests.loyalty import codes
from tests.loyalty.claims import claim, void

LONG = {**WAIT, "for": "P7D"}


@pytest.fixture
def rich(regular, aurora_card, now):
    """Dora's card with 100 points; a piece of cake is 50."""
    give(aurora_card, 100, "rich", now)
    codes.campaign(slug="ten")
    Event.objects.update(entered_at=now)
    return aurora_card


def outcome(hold: Hold) -> tuple[str, int]:
    """What became of it, and how many codes there are."""
    hold.refresh_from_db()
    return hold.state, Coupon.objects.count()


# --- Once something was given ---------------------------------------------------------------------


def test_a_code_is_paid_when_it_is_given(rich, now):
    working([CODE, LONG, TAG], now, trigger=CLAIMED)
    hold = claim(rich, now)

    run(now)

    journey = Journey.objects.get()
    assert journey.state == "waiting"
    assert outcome(hold) == ("captured", 1)
    assert runs(journey)[-1] == ("done", "Settled: A piece of cake, claimed by the customer.")
    holds.void_overdue(10, now=hold.until)
    run(now + timedelta(days=7))
    assert balances(rich)["points"] == 50
    assert Operation.objects.filter(key=f"journey:{journey.pk}:claim").count() == 1
    assert Event.objects.filter(name="reward_redeemed").count() == 1
    assert [how for how, _words in runs(Journey.objects.get())] == [
        "done", "waiting", "done", "done", "done",
    ]  # fmt: skip
    assert broken(now) == []


def test_who_claims_again_pays_for_each_code(rich, now):
    working([CODE, WAIT], now, trigger=CLAIMED, entry={"if_inside": "restart"})
    for n in range(2):
        claim(rich, now, key=f"claim {n}")
        run(now)

    assert Coupon.objects.count() == 2
    assert balances(rich)["points"] == 0


@pytest.mark.parametrize("how", ["error", "draft", "delete"])
def test_what_was_given_is_paid_though_the_chain_is_stopped(rich, now, settings, how):
    settings.STEP_PATIENCE = ()
    automation = working([CODE, WAIT, BROKEN], now, trigger=CLAIMED)
    break_it()
    hold = claim(rich, now)
    run(now)

    if how == "error":
        run(now + HOUR)
    elif how == "draft":
        publishing.pause(automation, "end", now=now)
    else:
        publishing.delete_automation(automation, now=now)

    assert Journey.objects.get().state == "stopped"
    assert outcome(hold) == ("captured", 1)
    assert balances(rich)["points"] == 50


def test_a_code_from_a_branch_is_paid_while_the_other_waits(rich, now):
    both = {"type": "parallel", "key": "p", "branches": {"a": [CODE], "b": [LONG]}}
    working([both, TAG], now, trigger=CLAIMED)
    hold = claim(rich, now)

    run(now)

    root = Journey.objects.get(parent=None)
    assert outcome(hold) == ("captured", 1)
    assert hold.settled_by == f"journey:{root.pk}"
    run(now + timedelta(days=7))
    root.refresh_from_db()
    assert root.state == "finished"
    assert balances(rich)["points"] == 50
    assert broken(now) == []


# --- Once it went back ----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["staff", "clock", "late"])
@pytest.mark.parametrize("in_branch", [False, True])
def test_who_has_it_back_is_given_nothing(rich, now, how, in_branch):
    late = [{**WAIT, "for": "P2D"}, CODE]
    both = {"type": "parallel", "key": "p", "branches": {"a": late, "b": [TAG]}}
    working([both] if in_branch else late, now, trigger=CLAIMED)
    hold = claim(rich, now)
    run(now)
    if how == "staff":
        void(hold, now)
    elif how == "clock":
        holds.void_overdue(10, now=hold.until)

    run(now + timedelta(days=2))

    assert {journey.state for journey in Journey.objects.filter(parent=None)} == {"stopped"}
    assert outcome(hold) == ("voided", 0)
    assert balances(rich)["points"] == 100
    assert broken(now) == []


@pytest.mark.parametrize("how", ["goal", "exits", "late", "holdout"])
@pytest.mark.parametrize("has_code", [False, True])
def test_who_leaves_has_paid_for_what_they_have(rich, now, how, has_code):
    waits = {**WAIT, "late": {"after": "PT1H", "then": "exit"}}
    split = {"key": "s", "type": "split", "shares": {"a": 100}, "holdout": 90, "branches": {}}
    rules = {"goal": {"event": "waved"}} if how == "goal" else {"exits": [{"event": "waved"}]}
    chain = [split if how == "holdout" else waits, CODE]
    working([CODE, *chain[:1]] if has_code else chain, now, trigger=CLAIMED, **rules)
    hold = claim(rich, now)
    run(now)

    if how in rules:
        wave(rich.customer, now)
    run(now if how in rules else now + 3 * HOUR)

    journey = Journey.objects.get()
    assert journey.state == "finished"
    assert outcome(hold) == (("captured", 1) if has_code else ("voided", 0))
    assert balances(rich)["points"] == (50 if has_code else 100)
    assert any("Given back" in words for _how, words in runs(journey)) is not has_code
    assert broken(now) == []


def test_who_waits_for_an_event_and_has_it_back_is_given_nothing(rich, now):
    awaits = {
        "key": "w",
        "type": "wait_for_event",
        "event": "tag_added",
        "timeout": "P9D",
        "branches": {},
    }
    working([awaits, CODE], now, trigger=CLAIMED)
    hold = claim(rich, now)
    run(now)
    void(hold, now)

    run(now + timedelta(days=9))

    assert outcome(hold) == ("voided", 0)


def test_a_blocked_card_pays_for_nothing_and_is_given_nothing(rich, now):
    working([WAIT, CODE], now, trigger=CLAIMED)
    hold = claim(rich, now)
    run(now)

    cards.block(rich, now=now)
    run(now + HOUR)
    cards.unblock(rich, now=now)
    holds.void_overdue(10, now=hold.until)

    assert outcome(hold) == ("voided", 0)
    assert balances(rich)["points"] == 100


def test_everybody_is_taken_out_though_a_card_is_blocked(rich, now):
    automation = working([WAIT, CODE], now, trigger=CLAIMED)
    hold = claim(rich, now)
    run(now)
    cards.block(rich, now=now)

    publishing.pause(automation, "end", now=now)

    assert Journey.objects.get().state == "stopped"
    holds.void_overdue(10, now=hold.until)
    assert outcome(hold) == ("voided", 0)


def test_a_merge_gives_back_and_the_chain_gives_no_more(rich, dora, alice, now):
    working([WAIT, CODE], now, trigger=CLAIMED)
    hold = claim(rich, now)
    run(now)

    merging.merge(dora, alice, cause=BY_STAFF, now=now)
    run(now + HOUR)

    assert outcome(hold) == ("voided", 0)
    assert broken(now) == []
