"""What is said of claims that an automation settles: to the customer, at the till, to staff."""

from datetime import timedelta

import pytest
import time_machine

from automations import portable
from automations.models import Journey
from automations.triggers import TRIGGERS
from loyalty import card_links, counter
from loyalty.models import Event
from tests.automations.chains import run, working
from tests.cast import give
from tests.loyalty.claims import claim

CLAIMED = {"type": "points_claimed", "params": {"settles": True}}
WAIT = {"key": "w", "type": "wait", "for": "PT1H"}
TAG = {"key": "t", "type": "add_tag", "tag": "claimed"}
HOUR = timedelta(hours=1)


@pytest.fixture
def rich(regular, aurora_card, now):
    """Dora's card with 100 points; a piece of cake is 50."""
    give(aurora_card, 100, "rich", now)
    Event.objects.update(entered_at=now)
    return aurora_card


def test_it_is_part_of_the_document(rich, now):
    automation = working([TAG], now, trigger=CLAIMED)

    [trigger] = portable.write(automation, automation.live)["triggers"]

    assert trigger == CLAIMED
    said = TRIGGERS["points_claimed"].sentence({"settles": True})
    assert said == "When a customer claims something for points (settled here)"


def test_the_customers_page_says_how_far_it_is(rich, client, now):
    working([WAIT, TAG], now, trigger=CLAIMED)
    hold = claim(rich, now)
    run(now)
    page = f"/c/{card_links.key_of(rich, now=now)}/"

    with time_machine.travel(now, tick=False):
        waiting = client.get(page).content.decode()
        client.post(f"{page}claims/{hold.pk}/back/")
    assert "On its way to you" in waiting
    assert "Give it back" not in waiting
    hold.refresh_from_db()
    assert hold.state == "open"

    with time_machine.travel(now + HOUR, tick=False):
        run(now + HOUR)
        assert "Done" in client.get(page).content.decode()
    with time_machine.travel(now + timedelta(days=3), tick=False):
        assert "What you asked for" not in client.get(page).content.decode()


def test_the_till_has_nothing_to_hand_over(rich, now):
    working([WAIT, TAG], now, trigger=CLAIMED)
    claim(rich, now)
    assert [each["settles_itself"] for each in counter.show(rich, now)["claims"]] == [False]

    run(now)

    assert [each["settles_itself"] for each in counter.show(rich, now)["claims"]] == [True]


def test_staff_read_it_in_the_journey_and_among_the_claims(rich, admin_client, now):
    working([TAG], now, trigger=CLAIMED)
    hold = claim(rich, now)
    run(now)
    journey = Journey.objects.get()

    told = admin_client.get(f"/admin/automations/journey/{journey.pk}/change/").content.decode()
    listed = admin_client.get(f"/admin/loyalty/hold/{hold.pk}/change/").content.decode()

    assert "What was claimed" in told
    assert "Settled: A piece of cake, claimed by the customer." in told
    assert "“chain”" in listed
