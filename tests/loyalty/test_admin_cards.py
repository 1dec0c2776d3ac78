"""Staff give out cards that begin with something."""

import pytest

from loyalty.models import Card
from tests.cast import balances
from tests.loyalty import programs
from tests.loyalty.staff import page, seen

pytestmark = pytest.mark.django_db


def issue(admin_client, program, customer, opening=""):
    said = {"program": program.pk, "customer": customer.pk, "opening": opening}
    return admin_client.post(page("card_add"), said)


def test_a_gift_card_begins_with_an_amount(admin_client, business, dora):
    program = programs.make("gift")

    refused = issue(admin_client, program, dora)
    assert "Say how much." in seen(refused)
    assert not Card.objects.exists()

    issue(admin_client, program, dora, "25.00")
    assert balances(Card.objects.get()) == {"money": 2_500}


def test_a_card_that_begins_empty_takes_no_amount(admin_client, coffee, dora):
    refused = issue(admin_client, coffee, dora, 3)

    assert "begins empty" in seen(refused)
    assert not Card.objects.exists()


def test_a_membership_shows_its_plan(admin_client, business, dora):
    issue(admin_client, programs.make("membership"), dora)

    shown = seen(admin_client.get(page("card_change", Card.objects.get().pk)))

    assert "Weekly, Week" in shown
