"""Lists are turned by cursor."""

import pytest

from loyalty import customers
from tests.cast import BY_STAFF, person


@pytest.fixture
def crowd(business, now):
    return [person(now, external_id=f"p{n}") for n in range(7)]


def names(page):
    return [customer["external_id"] for customer in page["results"]]


def turn(office, address):
    return office.get(address).json()


def test_a_list_begins_with_the_newest_and_has_an_end(office, crowd):
    first = turn(office, "customers/?limit=3")
    second = turn(office, first["next"])
    third = turn(office, second["next"])

    assert [names(page) for page in (first, second, third)] == [
        ["p6", "p5", "p4"],
        ["p3", "p2", "p1"],
        ["p0"],
    ]
    assert (first["previous"], third["next"]) == (None, None)


def test_one_can_turn_back(office, crowd):
    first = turn(office, "customers/?limit=3")
    third = turn(office, turn(office, first["next"])["next"])

    second = turn(office, third["previous"])
    again = turn(office, second["previous"])

    assert names(second) == ["p3", "p2", "p1"]
    assert again == first


def test_a_page_that_holds_everything_leads_nowhere(office, crowd):
    page = turn(office, "customers/?limit=7")

    assert (len(page["results"]), page["next"], page["previous"]) == (7, None, None)


def test_who_comes_meanwhile_shifts_nobody(office, crowd, now):
    first = turn(office, "customers/?limit=3")
    person(now, external_id="late")
    customers.erase(crowd[4], cause=BY_STAFF, now=now)

    assert names(turn(office, first["next"])) == ["p3", "p2", "p1"]


def test_a_link_keeps_the_question_and_is_built_from_our_own_address(office, crowd, settings):
    settings.PUBLIC_BASE_URL = "https://shop.example"

    page = office.send("GET", "customers/?limit=3", Host="localhost").json()

    assert page["next"].startswith("https://shop.example/api/v1/customers/?limit=3&cursor=")


def test_a_list_costs_the_same_however_long_it_is(office, crowd, django_assert_max_num_queries):
    office.get("customers/")  # the token notes its first use

    with django_assert_max_num_queries(4):  # the token, customers, their cards, the tiers
        office.get("customers/")
