"""Staff read on the automation's page and on the first page which limits were hit."""

from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from automations.models import Automation
from loyalty.models import Card, Customer
from tests.automations.chains import GIVE_FIVE, run, tag, wave
from tests.automations.ruled import BROKEN, break_it, ruled
from tests.cast import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]


@pytest.fixture
def staff(admin_user: User, client: Client, now: datetime) -> Any:
    """Reads a page as the text it is, on the day of the tests."""

    def read(url: str) -> str:
        with time_machine.travel(now, tick=False):
            client.force_login(admin_user)
            return " ".join(client.get(url).content.decode().split())

    return read


def page_of(automation: Automation) -> str:
    return reverse("admin:automations_automation_change", args=(automation.pk,))


def test_a_loop_is_told_on_both_pages(regular: Customer, now: datetime, staff: Any) -> None:
    ruled([tag("x")], now, slug="there")
    here = ruled(
        [{"key": "s", "type": "start_automation", "automation": "there"}], now, slug="here"
    )
    there = ruled(
        [{"key": "s", "type": "start_automation", "automation": "here"}], now, slug="there"
    )
    wave(regular, now)
    run(now)

    looped = next(each for each in (here, there) if each.counters.filter(metric="loops").exists())
    page = staff(page_of(looped))
    assert "Stopped: automations started each other, or a chain went in circles" in page
    assert "1 today, 1 in all" in page
    assert "hit a limit 1 time today" in staff(reverse("admin:index"))
    refused = reverse("admin:automations_automation_people", args=(looped.pk,)) + "?state=refused"
    assert "Loop: automations started each other 8 times." in staff(refused)


def test_a_budget_that_was_spent_is_told(
    regular: Customer, aurora_card: Card, now: datetime, staff: Any
) -> None:
    automation = ruled([{"key": "a", **GIVE_FIVE}], now, budget={"most_points_a_day": 5})
    for key in ("first", "second", "third"):
        wave(regular, now, key)
    run(now)

    assert "2 today, 2 in all" in staff(page_of(automation))


def test_a_fuse_that_blew_says_why_until_it_is_published_again(now: datetime, staff: Any) -> None:
    automation = ruled([BROKEN], now)
    break_it()
    for number in range(20):
        wave(person(now, external_id=f"p{number}"), now, f"wave {number}")
    run(now)
    automation.refresh_from_db()

    assert "It was set back to Draft by itself." in staff(page_of(automation))
    assert automation.draft_note in staff(page_of(automation))
    assert "was set back to Draft by itself" in staff(reverse("admin:index"))

    Automation.objects.update(draft_note="", mode="working")
    assert "by itself" not in staff(page_of(automation))


def test_nothing_is_said_where_nothing_was_hit(
    regular: Customer, aurora_card: Card, now: datetime, staff: Any
) -> None:
    automation = ruled([{"key": "a", **GIVE_FIVE}], now)
    wave(regular, now)
    run(now)

    assert "Limits that were hit" not in staff(page_of(automation))
    assert "hit a limit" not in staff(reverse("admin:index"))
