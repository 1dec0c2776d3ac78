"""Staff find that two customers are one person."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from loyalty import cards, customers
from loyalty.customers import Who
from loyalty.models import Customer
from tests.cast import BY_STAFF, balances, give, person
from tests.loyalty.staff import page, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def twin(coffee_card, now):
    """Dora once more, with a coffee card and four stamps; the first one has three."""
    twin = person(now, email="d@shop.example", phone="+41446681800", last_name="Dorn")
    theirs = cards.issue(coffee_card.program, twin, cause=BY_STAFF, now=now)[0]
    give(coffee_card, 3, "three", now)
    give(theirs, 4, "four", now)
    return twin


def test_the_other_is_looked_for(admin_client, dora, twin):
    form = page("customer_merge", dora.pk)

    assert form in seen(admin_client.get(page("customer_change", dora.pk)))
    assert f"?with={twin.pk}" in seen(admin_client.get(form, {"q": "dorn"}))
    assert f"?with={dora.pk}" not in seen(admin_client.get(form, {"q": "dora"}))
    assert "Nobody else is found" in seen(admin_client.get(form, {"q": "zoe"}))


def test_what_becomes_of_both_is_shown_and_nothing_is_done(admin_client, dora, twin, coffee_card):
    shown = seen(admin_client.get(page("customer_merge", dora.pk), {"with": twin.pk}))

    assert "Coffee card: 7 stamps" in shown
    assert "+41446681800" in shown
    assert "It cannot be undone." in shown
    assert Customer.objects.present().count() == 2
    assert balances(coffee_card) == {"stamps": 3, "rewards": 0}


def test_they_are_merged(admin_client, dora, twin, coffee_card):
    form = page("customer_merge", dora.pk)

    answer = admin_client.post(form, {"with": twin.pk}, follow=True)

    assert "one customer from now on" in seen(answer)
    assert customers.find(Who(id=twin.pk)) == dora
    assert balances(coffee_card) == {"stamps": 7, "rewards": 0}
    assert admin_client.post(form, {"with": twin.pk}).status_code == 404


def test_nobody_is_merged_with_themselves(admin_client, dora):
    answer = admin_client.post(page("customer_merge", dora.pk), {"with": dora.pk}, follow=True)

    assert "Choose somebody else." in seen(answer)


def test_who_may_not_delete_may_not_merge(dora, twin, hashed_password):
    clerk = User.objects.create(username="clerk", is_staff=True, password=hashed_password)
    rights = ["view_customer", "change_customer"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(clerk)

    answer = client.post(page("customer_merge", dora.pk), {"with": twin.pk})

    assert answer.status_code == 403
    shown = client.get(page("customer_change", dora.pk)).content.decode()
    assert page("customer_merge", dora.pk) not in shown
    assert Customer.objects.present().count() == 2
