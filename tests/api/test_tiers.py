"""What the API says of a customer's tier."""

from datetime import date, datetime

import pytest
import time_machine

from tests.loyalty.ladders import buys, ladder

pytestmark = pytest.mark.django_db


def test_a_customer_is_shown_with_their_tier_and_the_next(office, business, dora, now):
    address = f"customers/{dora.pk}/"
    assert office.get(address).json()["tier"] is None
    ladder(now, downgrade="review")

    assert office.get(address).json()["next_tier"]["remaining"] == 10_000
    buys(25_000, now)

    said = office.get(address).json()
    assert said["tier"] == {
        "slug": "bronze",
        "name": "Bronze",
        "level": 1,
        "since": "2026-03-03T10:00:00Z",
        "kept_until": None,
        "next_review_at": "2027-03-03T10:00:00Z",
    }
    assert said["next_tier"] == {"slug": "silver", "name": "Silver", "remaining": 5_000}


def test_a_list_asks_no_more_for_many_than_for_few(
    office, business, alice, bob, dora, now, django_assert_max_num_queries
):
    ladder(now)
    buys(70_000, now)

    with django_assert_max_num_queries(14):
        rows = office.get("customers/").json()["results"]

    assert {row["first_name"]: row["tier"] and row["tier"]["slug"] for row in rows} == {
        "Alice": None,
        "Bob": None,
        "Dora": "gold",
    }


def test_the_ladder_is_read_with_how_many_stand_where(office, business, alice, dora, now):
    assert office.get("tiers/").json()["results"] == []
    ladder(now, window="months", window_months=6)
    buys(25_000, now)

    said = office.get("tiers/").json()

    assert (said["counts"], said["over"], said["months"]) == ("spent", "months", 6)
    assert [
        (each["level"], each["slug"], each["threshold"], each["customers"])
        for each in said["results"]
    ] == [(1, "bronze", 10_000, 1), (2, "silver", 30_000, 0), (3, "gold", 60_000, 0)]


def test_a_till_is_told_the_tier_of_who_stands_there(till, caller, coffee_card, now):
    ladder(now)
    buys(25_000, now)

    shown = till.post("scan/", {"code": coffee_card.code}).json()["card"]["customer"]

    assert shown["tier"] == {"slug": "bronze", "name": "Bronze", "color": "#b45309"}
    kiosk = caller("kiosk").once("kiosk/", {"code": coffee_card.code})
    assert "tier" not in kiosk.json()["card"]["customer"]


@pytest.mark.parametrize(
    ("born", "today", "is_theirs"),
    [
        ("1990-03-04", "2026-03-04T22:00:00Z", True),
        ("1990-03-04", "2026-03-05T04:00:00Z", True),  # New York is five hours behind
        ("1990-03-04", "2026-03-05T05:00:00Z", False),
        ("1990-12-31", "2026-01-01T03:00:00Z", True),
        ("1992-02-29", "2026-02-28T17:00:00Z", True),
        ("1992-02-29", "2028-02-28T17:00:00Z", False),
        ("1992-02-29", "2028-02-29T17:00:00Z", True),
        (None, "2026-03-04T22:00:00Z", False),
    ],
)
def test_a_birthday_is_told_on_its_day(till, coffee_card, born, today, is_theirs):
    customer = coffee_card.customer
    customer.birthday = born and date.fromisoformat(born)
    customer.save()

    with time_machine.travel(datetime.fromisoformat(today), tick=False):
        shown = till.post("scan/", {"code": coffee_card.code}).json()["card"]["customer"]

    assert shown["has_birthday"] is is_theirs
