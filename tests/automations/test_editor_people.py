"""Who went through, who did not, and why: as staff read it."""

from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from automations.models import Automation
from loyalty import counter
from loyalty.models import Card, Customer
from tests.automations.conftest import Chain, move
from tests.cast import BY_STAFF


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("mira"))
    return client


def scan(card: Card, now: datetime) -> None:
    counter.scan(card.code, by=counter.By("staff:1", BY_STAFF), now=now)
    move(now)


def people(automation: Automation) -> str:
    return reverse("admin:automations_automation_people", args=(automation.pk,))


def test_a_journey_tells_each_thing_it_did_and_why(
    staff: Client, chain: Chain, coffee_card: Card, now: datetime
) -> None:
    automation = chain(
        {"type": "send_email", "subject": "Hello {{ customer.first_name }}", "body": "Hi."},
        {"type": "accrue", "program": "aurora", "unit": "points", "amount": 5},
        {"type": "wait", "for": "P2D"},
        publish=True,
    )
    scan(coffee_card, now)

    journey = automation.journeys.get()
    page = staff.get(reverse("admin:automations_journey_change", args=(journey.pk,)))

    told = page.content.decode()
    assert "When a card is scanned" in told
    assert "Hello {{ customer.first_name }}" in told
    assert "The customer has no card of this program." in told
    assert "Next: Wait" in told
    assert coffee_card.number in told


def test_everyone_is_listed_by_state(
    staff: Client, chain: Chain, coffee_card: Card, dora: Customer, now: datetime
) -> None:
    automation = chain({"type": "wait", "for": "P2D"}, publish=True)
    scan(coffee_card, now)

    assert str(dora) in staff.get(people(automation), {"state": "waiting"}).content.decode()
    assert str(dora) not in staff.get(people(automation), {"state": "finished"}).content.decode()
    assert (
        "Nobody was turned away"
        in staff.get(people(automation), {"state": "refused"}).content.decode()
    )


def test_who_was_turned_away_is_listed_with_the_reason(
    staff: Client, chain: Chain, coffee_card: Card, dora: Customer, now: datetime
) -> None:
    automation = chain({"type": "wait", "for": "P2D"}, entry={"again": "once"}, publish=True)
    scan(coffee_card, now)
    scan(coffee_card, now)

    refused = automation.decisions.get(verdict="refused")
    told = staff.get(people(automation), {"state": "refused"}).content.decode()
    assert str(dora) in told
    assert refused.reason
    assert refused.reason in told


def test_the_card_of_a_step_says_who_waits_there(
    staff: Client, chain: Chain, coffee_card: Card, dora: Customer, now: datetime
) -> None:
    automation = chain({"key": "w1", "type": "wait", "for": "P2D"}, publish=True)
    scan(coffee_card, now)

    page = staff.get(
        reverse("admin:automations_automation_change", args=(automation.pk,)), {"step": "w1"}
    ).content.decode()

    assert "<strong>1</strong> waiting" in page
    assert str(dora) in page
