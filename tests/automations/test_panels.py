"""A customer's page shows the automations they walked through."""

import pytest
from django.urls import reverse

from tests.automations.chains import run, wave, working

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]


def test_the_customers_page_leads_to_their_journeys(admin_client, regular, now):
    working([{"key": "w", "type": "wait", "for": "P1D"}], now)
    page = reverse("admin:loyalty_customer_change", args=[regular.pk])
    before = admin_client.get(page).content.decode()
    wave(regular, now)
    run(now)

    after = admin_client.get(page).content.decode()

    journey = regular.journeys.get()
    there = reverse("admin:automations_journey_change", args=[journey.pk])
    assert there not in before
    assert there in after
