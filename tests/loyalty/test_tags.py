"""Tags: counted, renamed, and two made one."""

import pytest

from loyalty import customers
from loyalty.customers import tags
from loyalty.errors import Invalid
from loyalty.models import Customer, Event
from tests.cast import BY_STAFF, person
from tests.loyalty.staff import page, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def tagged(db, now) -> list[Customer]:
    return [
        person(now, first_name="A", tags=["vip", "neighbour"]),
        person(now, first_name="B", tags=["VIP", "vip"]),
        person(now, first_name="C", tags=["VIP"]),
    ]


def of(*people: Customer) -> list[list[str]]:
    return [Customer.objects.get(pk=who.pk).tags for who in people]


def test_they_are_counted_as_written_and_the_erased_are_left_out(tagged, now):
    customers.erase(person(now, first_name="E", tags=["gone"]), cause=BY_STAFF, now=now)

    assert tags.counted() in (
        [("VIP", 2), ("vip", 2), ("neighbour", 1)],
        [("vip", 2), ("VIP", 2), ("neighbour", 1)],  # by the database's own alphabet
    )


def test_two_become_one_and_nobody_is_told(tagged, now):
    told = Event.objects.count()

    assert tags.rename("VIP", "vip", now=now) == 2

    assert of(*tagged) == [["vip", "neighbour"], ["vip"], ["vip"]]
    assert Event.objects.count() == told
    assert tags.rename("VIP", "vip", now=now) == 0


def test_it_is_done_in_bites(tagged, now, monkeypatch):
    monkeypatch.setattr(tags, "BITE", 1)

    assert tags.rename("vip", "regular", now=now) == 2
    assert of(*tagged) == [["regular", "neighbour"], ["VIP", "regular"], ["VIP"]]


@pytest.mark.parametrize("after", ["", "vip", " ", "x" * 61])
def test_no_name_is_refused(after, tagged, now):
    with pytest.raises(Invalid):
        tags.rename("vip", after, now=now)

    assert of(tagged[0]) == [["vip", "neighbour"]]


def test_the_page_counts_links_and_renames(tagged, admin_client):
    assert "neighbour" in seen(admin_client.get(page("customer_tags")))
    people = admin_client.get(f"{page('customer_changelist')}?tag=neighbour")
    assert [who.first_name for who in people.context["cl"].result_list] == ["A"]

    admin_client.post(page("customer_tags"), {"before": "neighbour", "after": "local"})

    assert of(tagged[0]) == [["vip", "local"]]


def test_without_tags_the_page_says_what_one_is(admin_client):
    assert "Nobody has a tag yet" in seen(admin_client.get(page("customer_tags")))


def test_who_may_not_change_customers_renames_nothing(tagged, client, django_user_model):
    client.force_login(django_user_model.objects.create_user("x", is_staff=True))

    assert client.get(page("customer_tags")).status_code == 403
    answer = client.post(page("customer_tags"), {"before": "vip", "after": "x"})
    assert answer.status_code == 403
    assert of(tagged[0]) == [["vip", "neighbour"]]
