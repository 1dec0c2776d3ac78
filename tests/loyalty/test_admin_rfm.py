"""Staff's pages of RFM: the grid, who is in a cell, thresholds and names."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User

from loyalty import rfm
from loyalty.models import Event, Rfm, RfmStanding
from tests.cast import person
from tests.loyalty import till
from tests.loyalty.staff import page, seen

pytestmark = pytest.mark.django_db

GRID = {"recency_0": 30, "recency_1": 60, "recency_2": 90, "visits_0": 3, "visits_1": 7}


@pytest.fixture
def counted(coffee_card, dora, bob, now, time_machine) -> None:
    """Dora comes often, Bob joined today."""
    for days in range(8):
        till.accrue(coffee_card, now - timedelta(days=days), amount=1)
    rfm.recount(now=now)
    time_machine.move_to(now)


@pytest.fixture
def onlooker(client):
    """May see everything here and change nothing."""
    user = User.objects.create_user("eye", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_rfm"))
    client.force_login(user)
    return client


def test_before_anybody_was_counted_the_page_says_so(admin_client, business):
    assert "Nobody has been counted yet" in seen(admin_client.get(page("rfm_changelist")))


def test_a_cell_leads_to_its_customers(counted, admin_client, dora, bob):
    shown = admin_client.get(page("rfm_changelist"))
    rows = dict(shown.context["grid"].rows)
    best = rows["0–30 days ago"][2]

    there = seen(admin_client.get(best.url))

    assert (best.n, best.names) == (1, "Champions")
    assert "Dora" in there
    assert "Bob" not in there


@pytest.mark.parametrize(
    ("query", "who"),
    [("rfm=beginners", ["Bob"]), ("rfm=champions", ["Dora"]), ("cell=1-1", []), ("cell=x", [])],
)
def test_the_list_of_customers_is_filtered(query, who, counted, admin_client):
    shown = admin_client.get(f"{page('customer_changelist')}?{query}")

    assert [customer.first_name for customer in shown.context["cl"].result_list] == who


def test_a_preview_says_who_would_move_and_moves_nobody(counted, admin_client):
    said = GRID | {"visits_1": 8, "preview": "yes"}

    shown = seen(admin_client.post(page("rfm_scheme"), said))

    assert "1 of 2 customers would move" in shown
    assert Rfm.objects.get().visit_counts == [3, 7]


def test_saving_counts_everybody_in_silence(counted, admin_client, dora):
    said = GRID | {"visits_1": 8, "name_growing": "On the way"}

    answer = admin_client.post(page("rfm_scheme"), said)

    assert answer.status_code == 302
    assert RfmStanding.objects.get(customer=dora).segment == "growing"
    assert not Event.objects.filter(name="rfm_segment_changed").exists()
    assert "On the way" in seen(admin_client.get(page("rfm_changelist")))


def test_another_scheme_is_taken(counted, admin_client, dora):
    answer = admin_client.post(f"{page('rfm_scheme')}?preset=ranked", {"tell": "on"})

    assert answer.status_code == 302
    assert Rfm.objects.get().preset == "ranked"
    assert RfmStanding.objects.get(customer=dora).visits == 3
    assert "the best fifth" in seen(admin_client.get(page("rfm_changelist")))


def test_thresholds_that_do_not_climb_are_refused_beside_the_field(counted, admin_client):
    answer = admin_client.post(page("rfm_scheme"), GRID | {"recency_1": 20})

    assert answer.status_code == 422
    assert "higher than the one before" in answer.content.decode()
    assert Rfm.objects.get().recency_days == [30, 60, 90]


def test_it_is_counted_when_staff_ask(counted, admin_client, now):
    person(now, first_name="Late")

    admin_client.post(page("rfm_changelist"))

    assert RfmStanding.objects.count() == 3


def test_who_may_only_look_changes_nothing(counted, onlooker):
    assert onlooker.get(page("rfm_changelist")).status_code == 200
    assert onlooker.post(page("rfm_changelist")).status_code == 403
    assert onlooker.post(page("rfm_scheme"), GRID | {"visits_1": 8}).status_code == 403
    assert Rfm.objects.get().visit_counts == [3, 7]
