"""What a customer claims, and an automation settles: spent when the chain is through, given back
when it is not."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automations import publishing
from automations.models import Decision, Journey
from loyalty import cards, holds, merging
from loyalty.errors import ClaimHandled
from loyalty.ledger.audit import broken
from loyalty.models import Coupon, Event, Hold, Operation
from tests.automations.chains import run, runs, wave, working
from tests.automations.ruled import BROKEN, break_it, refusals
from tests.cast import BY_STAFF, balances, give, person
from tests.loyalty import codes
from tests.loyalty.claims import STAFF, capture, claim, void

CLAIMED = {"type": "points_claimed", "params": {"settles": True}}
WAIT = {"key": "w", "type": "wait", "for": "PT1H"}
CODE = {"key": "c", "type": "issue_coupon", "campaign": "ten"}
TAG = {"key": "t", "type": "add_tag", "tag": "claimed"}
HOUR = timedelta(hours=1)


@pytest.fixture
def rich(regular, aurora_card, now):
    """Dora's card with 100 points; a piece of cake is 50."""
    give(aurora_card, 100, "rich", now)
    Event.objects.update(entered_at=now)
    return aurora_card


@pytest.fixture
def ten(rich):
    return codes.campaign(slug="ten")


def settled(hold: Hold) -> tuple[str, str]:
    hold.refresh_from_db()
    return hold.state, hold.settled_by


def told(name: str) -> int:
    return Event.objects.filter(name=name).count()


# --- The end --------------------------------------------------------------------------------------


def test_who_comes_to_the_end_has_spent_it(ten, rich, now):
    working([CODE, TAG], now, trigger=CLAIMED)
    hold = claim(rich, now)

    run(now)

    journey = Journey.objects.get()
    assert settled(hold) == ("captured", f"journey:{journey.pk}")
    assert balances(rich)["points"] == 50
    assert Coupon.objects.get().customer_id == rich.customer_id
    assert runs(journey)[-1] == ("done", "Settled: A piece of cake, claimed by the customer.")
    spent = Operation.objects.get(key=f"journey:{journey.pk}:claim")
    assert (spent.kind, spent.actor) == ("capture", f"journey:{journey.pk}")
    assert told("reward_redeemed") == 1
    assert broken(now) == []


def test_meanwhile_nobody_needs_to_see_to_it(ten, rich, now):
    working([WAIT, CODE], now, trigger=CLAIMED)
    hold = claim(rich, now)

    run(now)

    hold.refresh_from_db()
    assert hold.is_handled
    with pytest.raises(ClaimHandled):
        holds.take_back(hold, now=now)
    run(now + HOUR)
    assert settled(hold)[0] == "captured"
    assert balances(rich)["points"] == 50


def test_what_shops_hand_over_at_the_till_stays_theirs(ten, rich, now):
    working([CODE], now, trigger={"type": "points_claimed", "params": {}})
    hold = claim(rich, now)

    run(now)

    assert Journey.objects.get().state == "finished"
    assert (settled(hold), hold.handler) == (("open", ""), "")
    holds.take_back(hold, now=now)
    assert balances(rich)["points"] == 100


def test_many_are_settled_together(ten, rich, aurora, now):
    working([TAG], now, trigger=CLAIMED)
    for n in range(20):
        customer = person(now, email=f"p{n}@example.com")
        theirs, _made = cards.issue(aurora, customer, cause=BY_STAFF, now=now)
        give(theirs, 50, f"rich {n}", now)
        claim(theirs, now, key=f"claim {n}")
    shards = set(Event.objects.filter(name="points_claimed").values_list("shard", flat=True))

    with CaptureQueriesContext(connection) as asked:
        run(now)

    assert Hold.objects.filter(state="captured").count() == 20
    about_holds = [query for query in asked if "loyalty_hold" in query["sql"]]
    # Read and written once by a batch; executemany is told of once for each row.
    most = 2 * len(shards) if connection.vendor == "postgresql" else len(shards) + 20
    assert len(about_holds) <= most
    assert broken(now) == []


# --- Given back -----------------------------------------------------------------------------------


def test_who_was_given_nothing_has_spent_nothing(ten, rich, now):
    ten.supply = "pool"
    ten.save()
    working([CODE, TAG], now, trigger=CLAIMED)
    hold = claim(rich, now)

    run(now)

    journey = Journey.objects.get()
    assert journey.state == "finished"
    assert settled(hold) == ("voided", f"journey:{journey.pk}")
    assert balances(rich)["points"] == 100
    said = "Given back, because nothing was given for it: what was claimed."
    assert runs(journey)[-1] == ("done", said)
    assert told("reward_redeemed") == 0


def test_a_code_from_a_branch_counts_as_given(ten, rich, now):
    both = {"type": "parallel", "key": "p", "branches": {"a": [CODE], "b": [TAG]}}
    working([both], now, trigger=CLAIMED)
    hold = claim(rich, now)

    run(now)

    assert settled(hold)[0] == "captured"


def test_who_is_stopped_has_it_back(ten, rich, now, settings):
    settings.STEP_PATIENCE = ()
    working([WAIT, BROKEN], now, trigger=CLAIMED)
    break_it()
    hold = claim(rich, now)
    run(now)

    run(now + HOUR)

    assert Journey.objects.get().state == "stopped"
    assert settled(hold)[0] == "voided"
    assert balances(rich)["points"] == 100
    assert runs(Journey.objects.get())[-1] == ("done", "Given back: what was claimed.")
    assert broken(now) == []


@pytest.mark.parametrize("how", ["draft", "delete"])
def test_who_is_taken_out_by_staff_has_it_back(ten, rich, now, how):
    automation = working([WAIT, CODE], now, trigger=CLAIMED)
    hold = claim(rich, now)
    run(now)

    if how == "draft":
        publishing.pause(automation, "end", now=now)
    else:
        publishing.delete_automation(automation, now=now)

    assert settled(hold) == ("voided", f"journey:{Journey.objects.get().pk}")
    assert balances(rich)["points"] == 100


def test_a_card_that_is_gone_leaves_nothing_to_settle(ten, rich, now):
    working([WAIT, CODE], now, trigger=CLAIMED)
    hold = claim(rich, now)
    run(now)

    cards.delete(rich, cause=BY_STAFF, now=now)
    run(now + HOUR)

    assert Journey.objects.get().state == "stopped"
    assert settled(hold)[0] == "voided"
    assert not Coupon.objects.exists()


def test_who_is_merged_out_of_it_is_served_at_the_till(ten, rich, dora, alice, now):
    working([WAIT, CODE], now, trigger=CLAIMED)
    older = claim(rich, now)
    run(now)
    younger = claim(alice.cards.get(program=rich.program), now, key="hers")
    run(now)

    merging.merge(dora, alice, cause=BY_STAFF, now=now)

    younger.refresh_from_db()
    assert (settled(younger)[0], younger.handler) == ("open", "")
    run(now + HOUR)
    assert settled(older)[0] == "voided"
    assert (settled(younger)[0], Coupon.objects.count()) == ("open", 0)
    assert broken(now) == []


# --- Somebody was faster --------------------------------------------------------------------------


def test_what_was_given_back_before_lets_nobody_in(ten, rich, now):
    working([CODE], now, trigger=CLAIMED)
    hold = claim(rich, now)
    holds.take_back(hold, now=now)

    run(now)

    assert refusals() == ["What was claimed was settled or given back before."]
    assert not Coupon.objects.exists()


def test_two_automations_do_not_settle_the_same(ten, rich, now):
    working([CODE], now, trigger=CLAIMED, slug="one")
    working([CODE], now, trigger=CLAIMED, slug="two")
    claim(rich, now)

    run(now)

    assert refusals() == ["Another automation settles this claim."]
    assert Coupon.objects.count() == 1
    assert Decision.objects.filter(verdict="entered").count() == 1


@pytest.mark.parametrize(
    ("settle", "words"),
    [
        (capture, "What was claimed had been handed over by staff before."),
        (void, "What was claimed had been given back before."),
    ],
)
def test_what_staff_settled_meanwhile_is_left_alone(ten, rich, now, settle, words):
    working([WAIT, CODE], now, trigger=CLAIMED)
    hold = claim(rich, now)
    run(now)
    settle(hold, now)

    run(now + HOUR)

    assert runs(Journey.objects.get())[-1] == ("skipped", words)
    assert settled(hold)[1] == STAFF.text
    assert broken(now) == []


@pytest.mark.parametrize("clock_came", [True, False])
def test_a_chain_that_takes_longer_than_the_claim_says_so(ten, rich, now, clock_came):
    working([{**WAIT, "for": "P2D"}, CODE], now, trigger=CLAIMED)
    hold = claim(rich, now)
    run(now)
    if clock_came:
        holds.void_overdue(10, now=hold.until)

    run(now + timedelta(days=2))

    journey = Journey.objects.get()
    assert journey.state == "stopped"
    assert journey.note.startswith("It took longer than the claim is kept")
    assert not Coupon.objects.exists()
    assert settled(hold)[0] == "voided"
    assert balances(rich)["points"] == 100


def test_journeys_of_others_ask_for_nothing_more(regular, now):
    working([TAG], now)
    wave(regular, now)

    with CaptureQueriesContext(connection) as asked:
        run(now)

    assert Journey.objects.get().state == "finished"
    assert not any("loyalty_hold" in query["sql"] for query in asked)
