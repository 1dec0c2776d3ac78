"""The first page: what it counts, and what it calls for help about."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from automations.models import Automation, Counter
from config import chart, overview
from loyalty.models import Card, Customer
from messaging.models import Message, Template
from messaging.models.message import MessageState


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("mira"))
    return client


@pytest.fixture
def drawn(db: None) -> Automation:
    return Automation.objects.create(slug="a", name="A")


def values(seen: overview.Overview) -> dict[str, int]:
    return {str(tile.label): tile.value for tile in seen.tiles}


def test_a_fresh_shop_is_told_what_to_do_first(staff: Client) -> None:
    page = staff.get(reverse("admin:index")).content.decode()

    assert "Set up your shop" in page
    assert "Launches by day" not in page


def test_customers_cards_and_points_are_counted(alice: Customer, now: datetime) -> None:
    seen = overview.read(now=now)

    assert values(seen) == {
        "Customers": 1,
        "Cards": 2,
        "Points given": 100,
        "Launches": 0,
        "Messages sent": 0,
    }


def test_launches_are_drawn_by_day(db: None, now: datetime) -> None:
    automation = Automation.objects.create(slug="a", name="A")
    for back, n in ((0, 3), (1, 5), (40, 7)):
        Counter.objects.create(
            automation=automation,
            metric="launched",
            day=now.date() - timedelta(days=back),
            shard=0,
            n=n,
        )

    seen = overview.read(now=now)

    assert [bar.n for bar in seen.chart.bars[-2:]] == [5, 3]
    assert values(seen)["Launches"] == 8


def test_what_failed_and_what_stands_still_is_called_out(
    coffee_card: Card, dora: Customer, now: datetime
) -> None:
    template = Template.objects.create(digest="x", subject="Hi", body="")
    Message.objects.create(
        key="1", customer=dora, template=template, state=MessageState.FAILED, created_at=now
    )

    texts = [str(item.text) for item in overview.read(now=now + timedelta(minutes=10)).attention]

    # Nobody has entered the event of Dora's card.
    assert texts == ["Nothing has moved for 10\xa0minutes", "1 message could not be sent"]


def test_a_quiet_shop_calls_for_nobody(db: None, now: datetime) -> None:
    assert overview.read(now=now).attention == []


@pytest.mark.parametrize(("most", "top"), [(0, 4), (4, 4), (5, 10), (11, 20), (21, 40), (99, 100)])
def test_the_scale_is_round(most: int, top: int) -> None:
    drawn = chart.bars({date(2026, 3, 3): most}, last=date(2026, 3, 3), days=30)

    assert drawn.top == top
    assert drawn.bars[-1].height == pytest.approx(100 * most / top)


def test_the_side_bar_shows_what_somebody_may_see(db: None) -> None:
    client = Client()
    client.force_login(rita("view_automation"))

    groups: Any = client.get(reverse("admin:index")).context["side_bar"]

    assert [str(group.label) for group in groups] == ["Overview", "Automations"]


def rita(*rights: str) -> User:
    """Somebody with these rights, as they are read from the database."""
    made = User.objects.create_user("rita", is_staff=True)
    made.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return User.objects.get(pk=made.pk)


def page_of(staff: User) -> str:
    client = Client()
    client.force_login(staff)
    return client.get(reverse("admin:index")).content.decode()


def test_who_has_no_right_reads_a_sentence_and_no_numbers(alice: Customer) -> None:
    page = page_of(rita())

    assert "Your account may not see anything here yet" in page
    assert "tile-value" not in page
    assert "Launches by day" not in page
    assert "Set up your shop" not in page


def test_numbers_are_shown_to_who_may_look_at_what_they_count(
    coffee_card: Card, dora: Customer, drawn: Automation, now: datetime
) -> None:
    template = Template.objects.create(digest="x", subject="Hi", body="")
    Message.objects.create(
        key="1", customer=dora, template=template, state=MessageState.FAILED, created_at=now
    )
    everything = overview.read(now=now)

    seen = everything.seen_by(rita("view_customer", "change_card"))
    page = page_of(User.objects.get())

    assert [str(item.text) for item in everything.attention] == ["1 message could not be sent"]
    assert seen.attention == []
    assert list(values(seen)) == ["Customers", "Cards"]
    assert "Launches by day" not in page


def test_who_may_see_only_what_is_not_counted_is_sent_to_the_menu(
    alice: Customer, drawn: Automation
) -> None:
    assert "what is in the menu, and no numbers" in page_of(rita("view_program"))


def test_times_are_those_of_the_shop(staff: Client, business: Any) -> None:
    business.time_zone = "Asia/Kathmandu"
    business.save()

    page = staff.get(reverse("admin:index")).content.decode()

    assert 'data-admin-utc-offset="20700"' in page
