"""The versions of an automation, as its history tells of them."""

from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from automations import publishing
from loyalty.models import Card
from tests.automations.conftest import Chain
from tests.automations.test_editor import at

WAIT = {"key": "w1", "type": "wait", "for": "P1D"}
TAG = {"key": "t1", "type": "add_tag", "tag": "seen"}


@pytest.fixture
def mira(db: None) -> User:
    return User.objects.create_superuser("mira")


@pytest.fixture
def staff(mira: User) -> Client:
    client = Client()
    client.force_login(mira)
    return client


def test_each_version_says_what_changed_and_who_is_inside(
    staff: Client, mira: User, chain: Chain, scan: Any, coffee_card: Card, now: datetime
) -> None:
    automation = chain(WAIT, TAG)
    publishing.publish(automation, by=f"staff:{mira.pk}", now=now)
    scan(coffee_card)
    chain({**WAIT, "for": "P2D"}, {"key": "x", "type": "exit"}, entry={"again": "once"})

    page = staff.get(at("history", automation)).content.decode()

    assert "Added “Exit”; deleted “Add tag”; changed “Wait”; what starts it or the settings" in page
    assert "2 steps" in page
    assert "by mira, staff" in page
    rows = page.split("<tr>")[2:]
    assert [row.split('data-label="inside">')[1].split("<")[0] for row in rows] == ["0", "1"]
    assert ["Draft" in row for row in rows] == [True, False]


def test_a_long_history_has_pages_and_compares_across_them(
    staff: Client, chain: Chain, now: datetime
) -> None:
    for n in range(22):
        automation = chain({**TAG, "tag": f"t{n}"}, publish=True)

    second = staff.get(at("history", automation), {"page": "2"}).content.decode()
    first = staff.get(at("history", automation)).content.decode()

    assert first.count("Changed “Add tag”") == 20
    assert second.count("Changed “Add tag”") == 1
    assert second.count("1 step") == 1


def test_the_history_costs_few_queries(
    staff: Client, chain: Chain, django_assert_max_num_queries: Any
) -> None:
    for n in range(5):
        automation = chain({**TAG, "tag": f"t{n}"}, publish=True)

    with django_assert_max_num_queries(110):
        staff.get(at("history", automation))
