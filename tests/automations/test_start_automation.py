"""One automation asks another to take the same customer, walked by the pump."""

from datetime import datetime

import pytest

from automations import lint, portable, publishing
from automations.models import Automation, Decision, Journey
from loyalty import events
from loyalty.models import Card, Customer, Event
from tests.automations.chains import GIVE_FIVE, WAVED, history, run, runs, tag, wave, working
from tests.cast import BY_STAFF, balances

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]


def start(slug: str) -> dict[str, str]:
    return {"key": "s", "type": "start_automation", "automation": slug}


def test_another_automation_is_asked_for_the_same_customer_and_card(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    other = working([{"key": "o", **tag("other")}], now, slug="other")
    working([start("other"), {"key": "z", **tag("after")}], now, trigger={"type": "card_scanned"})
    events.emit(
        events.CardScanned(),
        key="scan",
        customer_id=regular.pk,
        card_id=aurora_card.pk,
        cause=BY_STAFF,
        now=now,
    )

    run(now)

    journey = Journey.objects.get(automation__slug="chain")
    asked = Event.objects.get(name="automation_requested")
    assert runs(journey)[0] == ("done", "other")
    assert history(journey) == [("s", "done"), ("z", "done")]
    assert (asked.customer, asked.card, asked.depth) == (regular, aurora_card, 1)
    assert asked.data == {"automation": other.pk, "slug": "other"}
    assert asked.key == f"journey:{journey.pk}:0"
    assert asked.cause == f"journey:{journey.pk}"


def test_the_one_asked_starts_its_first_thread(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    working([{"key": "o", **GIVE_FIVE}], now, slug="other", trigger={"type": "order_paid"})
    working([start("other")], now)
    wave(regular, now)

    run(now)

    started = Journey.objects.get(automation__slug="other")
    assert (started.state, started.depth) == ("finished", 2)
    assert balances(aurora_card) == {"points": 5}


def test_two_that_start_each_other_come_to_an_end(regular: Customer, now: datetime) -> None:
    never = {"type": "external_event", "params": {"names": ["never"]}}
    working([{"key": "x", "type": "exit"}], now, slug="b", trigger=never)
    working([start("b")], now, slug="a", trigger=WAVED)
    working([start("a")], now, slug="b", trigger=never)
    wave(regular, now)

    run(now)

    assert Journey.objects.count() == 8
    assert Decision.objects.filter(reason__startswith="Loop").count() == 1


def test_one_that_is_a_draft_says_why_nobody_started_it(regular: Customer, now: datetime) -> None:
    other = working([{"key": "o", **tag("other")}], now, slug="other")
    publishing.pause(other, now=now)
    working([start("other")], now)
    wave(regular, now)

    run(now)

    assert not Journey.objects.filter(automation=other).exists()
    assert Decision.objects.get(automation=other).verdict == "refused"


def test_an_automation_does_not_start_itself_nor_one_that_is_gone(now: datetime) -> None:
    automation = working([{"type": "exit"}], now)
    other = working([{"type": "exit"}], now, slug="other")

    def texts() -> list[str]:
        draft = Automation.objects.get(pk=automation.pk).draft
        assert draft
        return [problem.text for problem in lint.problems(draft)]

    def problems(slug: str) -> list[str]:
        portable.read(portable.write(automation) | {"steps": [start(slug)]}, now=now)
        return texts()

    assert problems("chain") == ["An automation does not start itself: go to one of its steps."]
    assert problems("other") == []
    publishing.delete_automation(other, now=now)
    assert texts() == ["The automation it starts was deleted."]
