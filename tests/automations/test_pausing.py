"""Back to Draft: what becomes of the people inside, and of what a fuse had said."""

from datetime import timedelta

import pytest

from automations import publishing
from automations.models import Automation, Journey
from automations.models.journey import JourneyState
from automations.problems import Invalid
from loyalty import events
from tests.automations.conftest import move
from tests.cast import BY_STAFF

TAG = {"key": "t", "type": "add_tag", "tag": "vip"}
WAIT = {"key": "w", "type": "wait", "for": "P1D"}


def test_those_inside_are_held_and_go_on_when_it_works_again(chain, coffee_card, dora, now):
    automation = chain(WAIT, TAG, publish=True)
    scan(coffee_card, "one", now)

    publishing.pause(automation, now=now)
    publishing.pause(automation, now=now)
    scan(coffee_card, "two", now)
    move(now + timedelta(days=2))

    journey = Journey.objects.get()
    dora.refresh_from_db()
    assert (automation.mode, journey.state, dora.tags) == ("draft", JourneyState.HELD, [])

    publishing.publish(automation, now=now + timedelta(days=2))
    move(now + timedelta(days=2))

    journey.refresh_from_db()
    dora.refresh_from_db()
    assert (journey.state, dora.tags) == (JourneyState.FINISHED, ["vip"])


def test_other_ways_to_pause_are_refused(chain, now):
    automation = chain(TAG, publish=True)

    with pytest.raises(Invalid) as refusal:
        publishing.pause(automation, "shoo", now=now)

    assert set(refusal.value.fields) == {"people"}
    assert Automation.objects.get(pk=automation.pk).is_working


def test_those_inside_may_walk_on_to_the_end_while_nobody_enters(chain, coffee_card, dora, now):
    automation = chain(WAIT, TAG, publish=True)
    scan(coffee_card, "one", now)

    publishing.pause(automation, "finish", now=now)
    scan(coffee_card, "two", now)
    move(now + timedelta(days=1))

    journey = Journey.objects.get()
    dora.refresh_from_db()
    assert (automation.mode, journey.state, dora.tags) == ("draft", JourneyState.FINISHED, ["vip"])


def test_those_inside_may_be_sent_away(chain, coffee_card, dora, now):
    automation = chain(WAIT, TAG, publish=True)
    scan(coffee_card, "one", now)

    publishing.pause(automation, "end", now=now)
    publishing.pause(automation, "end", now=now)
    move(now + timedelta(days=1))

    journey = Journey.objects.get()
    dora.refresh_from_db()
    words = "The automation was set back to Draft."
    assert (journey.state, journey.note, dora.tags) == (JourneyState.STOPPED, words, [])
    assert journey.step_runs.values_list("note", flat=True).last() == words
    assert automation.counters.total("stopped") == 1


def test_what_becomes_of_those_inside_may_be_decided_anew(chain, coffee_card, now):
    automation = chain(WAIT, TAG, publish=True)
    scan(coffee_card, "one", now)
    publishing.pause(automation, "hold", now=now)

    publishing.pause(automation, "finish", now=now)
    assert (automation.lets_finish, Journey.objects.get().state) == (True, JourneyState.WAITING)

    publishing.pause(automation, "hold", now=now)
    assert (automation.lets_finish, Journey.objects.get().state) == (False, JourneyState.HELD)

    publishing.publish(automation, now=now)
    assert (automation.lets_finish, Journey.objects.get().state) == (False, JourneyState.WAITING)


def test_publishing_forgets_why_a_fuse_had_blown(chain, now):
    automation = chain(TAG, publish=True)
    Automation.objects.update(mode="draft", draft_note="Too many failed.")

    publishing.publish(automation, by="staff:1", now=now)

    automation.refresh_from_db()
    assert automation.draft_note == ""


def scan(card, key, now):
    events.emit(
        events.CardScanned(),
        key=key,
        customer_id=card.customer_id,
        card_id=card.pk,
        cause=BY_STAFF,
        now=now,
    )
    move(now)
