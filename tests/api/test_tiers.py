"""What the API says of a customer's tier."""

import pytest

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
