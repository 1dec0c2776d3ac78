"""`to`: what a step gives or says to who brought the customer, or to whom the customer brought."""

from datetime import timedelta

import pytest

from automations import portable
from automations.engine import pump
from automations.models import Journey
from automations.problems import Invalid
from loyalty import cards, coupons, customers, merging
from loyalty.events import shard_of
from loyalty.ledger.audit import broken
from loyalty.models import Coupon, Event, Operation, Referral
from messaging.models import Message
from tests.automations.chains import run, runs, wave, working
from tests.automations.ruled import refusals
from tests.cast import BY_STAFF, balances, give, person
from tests.loyalty import codes, till
from tests.loyalty.friends import bring, offer, settle, theirs

GIVE = {"key": "g", "type": "accrue", "unit": "stamps", "amount": 2}
CODE = {"key": "c", "type": "issue_coupon", "campaign": "ten"}
MAIL = {
    "key": "m",
    "type": "send_email",
    "subject": "Hi {{ customer.first_name }}",
    "body": "{{ card.stamps }} {{ coupon.code }}",
}
LETTER = MAIL | {"body": "{{ card.stamps }}"}
SUCCESS = {"type": "referral_succeeded", "params": {}}


@pytest.fixture
def card(shop, coffee_card, dora, now):
    """Dora's, by whose link Nick joined."""
    offer(coffee_card.program)
    codes.campaign(slug="ten")
    bring(coffee_card, now)
    Event.objects.update(entered_at=now)
    return coffee_card


@pytest.fixture
def nick(card):
    return Referral.objects.get().referred


@pytest.fixture
def nicks(card):
    return theirs(Referral.objects.get())


def for_referrer(step):
    return {**step, "to": "referrer"}


def for_referred(step):
    return {**step, "to": "referred"}


def run_only(customer, now):
    """One batch of that customer's shard."""
    pump.pump(shard_of(customer.subject), now=now, budget=0)


# --- Whom it is for -------------------------------------------------------------------------------


def test_who_brought_the_customer_gets_it(card, nick, nicks, now):
    working([for_referrer(GIVE)], now, programs=["coffee"])
    wave(nick, now)

    run(now)

    journey = Journey.objects.get()
    assert (balances(card)["stamps"], balances(nicks)["stamps"]) == (2, 0)
    assert runs(journey) == [
        ("waiting", "Handed on. What came of it is said below."),
        ("done", f"For: Who brought them. 2 stamps on card {card.number}"),
    ]
    given = Operation.objects.get(key=f"journey:{journey.pk}:0")
    assert (given.card_id, given.actor) == (card.pk, f"journey:{journey.pk}")
    assert broken(now) == []


def test_whom_the_customer_brought_last_gets_it(card, nick, nicks, dora, now):
    last = bring(card, now, email="last@example.com")
    Event.objects.update(entered_at=now)
    working([for_referred(GIVE)], now, programs=["coffee"])
    wave(dora, now)

    run(now)

    assert (balances(nicks)["stamps"], balances(theirs(last))["stamps"]) == (0, 2)


def test_a_referral_has_two_sides(card, nick, nicks, dora, now):
    working([for_referrer(GIVE), for_referred({**GIVE, "key": "h"})], now, trigger=SUCCESS)
    other = bring(card, now, email="other@example.com")
    till.accrue(nicks, now, amount=1)
    settle(now)
    before = {each: balances(each)["stamps"] for each in (card, nicks, theirs(other))}

    run(now)

    after = {each: balances(each)["stamps"] - before[each] for each in before}
    assert after == {card: 2, nicks: 2, theirs(other): 0}
    assert [outcome for outcome, _note in runs(Journey.objects.get())] == [
        "done", "waiting", "done",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("referrer", "Nobody has brought this customer."),
        ("referred", "This customer has brought nobody."),
    ],
)
def test_where_there_is_nobody_it_is_skipped(card, alice, now, to, words):
    working([{**GIVE, "to": to}], now, programs=["coffee"])
    Event.objects.update(entered_at=now)
    wave(alice, now)

    run(now)

    assert runs(Journey.objects.get()) == [("skipped", words)]


def test_who_does_not_count_is_nobody(card, nick, now):
    Referral.objects.update(state="refused")
    working([for_referrer(GIVE)], now, programs=["coffee"])
    wave(nick, now)

    run(now)

    assert runs(Journey.objects.get()) == [("skipped", "Nobody has brought this customer.")]


# --- What it is -----------------------------------------------------------------------------------


def test_a_letter_is_about_whoever_reads_it(card, nick, dora, now):
    give(card, 4, "four", now)
    Event.objects.update(entered_at=now)
    working([for_referrer(LETTER)], now, programs=["coffee"])
    wave(nick, now)

    run(now)

    message = Message.objects.get()
    assert message.customer == dora
    said = {"customer.first_name": "Dora", "card.stamps": 4}
    assert message.names == said
    assert message.key == f"journey:{Journey.objects.get().pk}:0"


@pytest.mark.parametrize("supply", ["generated", "pool", "shared"])
def test_a_code_for_somebody_is_said_to_them_alone(card, nick, dora, now, supply):
    campaign = codes.campaign(slug="twenty", supply=supply)
    if supply == "pool":
        coupons.generate(campaign, 3, now=now)
    if supply == "shared":
        coupons.share(campaign, "FRIENDS", now=now)
    code = for_referrer({**CODE, "campaign": "twenty"})
    letters = [for_referrer(MAIL), {**MAIL, "key": "n"}]
    pause = {"key": "w", "type": "wait", "for": "P1D"}
    working([code, pause, *letters], now, programs=["coffee"])
    wave(nick, now)

    run(now)
    run(now + timedelta(days=1))

    to_dora = Message.objects.get(customer=dora)
    assert Coupon.objects.get(code=to_dora.names["coupon.code"]).campaign == campaign
    assert Message.objects.get(customer=nick).names["coupon.code"] is None


def test_branches_say_the_code_that_was_given_before_them(card, nick, dora, now):
    codes.campaign(slug="twenty")
    own = [{"key": "own", "type": "issue_coupon", "campaign": "twenty"}, for_referrer(MAIL)]
    both = {"type": "parallel", "key": "p", "branches": {"a": own, "b": []}}
    working([for_referrer(CODE), both], now, programs=["coffee"])
    wave(nick, now)

    run(now)

    code = Message.objects.get(customer=dora).names["coupon.code"]
    assert Coupon.objects.get(code=code).customer == dora


def test_two_who_give_to_each_other_come_to_an_end(card, nick, dora, aurora, now):
    for each in (nick, dora):
        cards.issue(aurora, each, cause=BY_STAFF, now=now)
    Event.objects.update(entered_at=now)
    reached = {"type": "points_count_reached", "params": {"count": 1}}
    take = {"key": "t", "type": "redeem", "program": "aurora", "amount": 1}
    pass_on = {"key": "p", "type": "accrue", "program": "aurora", "unit": "points", "amount": 1}
    for slug, to in (("up", "referrer"), ("down", "referred")):
        working([take, {**pass_on, "to": to}], now, trigger=reached, slug=slug)

    give(nick.cards.get(program=aurora), 1, "the first", now)
    run(now)

    assert "Loop" in str(refusals())
    assert broken(now) == []


def test_what_they_do_not_hold_is_not_taken(card, nick, now):
    redeem = {"key": "r", "type": "redeem", "program": "coffee", "amount": 1, "to": "referrer"}
    working([redeem], now)
    wave(nick, now)

    run(now)

    outcome, note = runs(Journey.objects.get())[-1]
    assert (outcome, note.startswith("For: Who brought them. ")) == ("skipped", True)


def test_what_an_automation_may_give_a_day_counts_for_others_too(card, nick, now):
    mails = [for_referrer(LETTER), for_referrer({**LETTER, "key": "n"})]
    working(mails, now, programs=["coffee"], limits={"messages_per_day": 1})
    wave(nick, now)

    run(now)

    assert Message.objects.count() == 1
    assert "It may send 1 messages a day" in str(runs(Journey.objects.get()))


# --- When things change meanwhile -----------------------------------------------------------------


def test_who_was_deleted_meanwhile_gets_nothing(card, nick, dora, now):
    working([for_referrer(GIVE)], now, programs=["coffee"])
    wave(nick, now)
    run_only(nick, now)
    customers.erase(dora, cause=BY_STAFF, now=now)

    run(now)

    said = ("skipped", "For: Who brought them. The customer was deleted.")
    assert runs(Journey.objects.get())[-1] == said


def test_who_was_merged_meanwhile_gets_it_as_the_other(card, nick, dora, alice, now):
    working([for_referrer(GIVE)], now, programs=["coffee"])
    Event.objects.update(entered_at=now)
    wave(nick, now)
    run_only(nick, now)
    merging.merge(dora, alice, cause=BY_STAFF, now=now)

    run(now)

    hers = alice.cards.get(program=card.program, status="active")
    assert balances(hers)["stamps"] == 2


def test_many_are_handed_on_and_done_in_batches(card, dora, now):
    working([for_referrer(GIVE)], now, programs=["coffee"])
    friends = [person(now, email=f"f{n}@example.com") for n in range(30)]
    Event.objects.update(entered_at=now)
    Referral.objects.bulk_create(
        Referral(card=card, referrer=dora, referred=each, state="rewarded", joined_at=now)
        for each in friends
    )
    for each in friends:
        wave(each, now, key=f"wave {each.pk}")

    run(now)

    assert balances(card)["stamps"] + 10 * balances(card)["rewards"] == 60
    done = [run[0] for journey in Journey.objects.all() for run in runs(journey)]
    assert sorted(set(done)) == ["done", "waiting"]
    assert broken(now) == []


# --- How it is said -------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [GIVE, CODE, MAIL])
def test_a_document_says_it(chain, card, step):
    automation = chain(for_referrer(step), step | {"key": "own"}, slug="said")

    first, second = portable.write(automation, automation.draft)["steps"]

    assert first == for_referrer(step)
    assert "to" not in second
    drawn = automation.draft.steps.get(key=step["key"])
    assert drawn.summary().endswith(", for: Who brought them")


def test_nobody_else_can_be_meant(chain, card):
    with pytest.raises(Invalid) as refusal:
        chain({**GIVE, "to": "everybody"})

    assert set(refusal.value.fields) == {"steps[0].to"}
