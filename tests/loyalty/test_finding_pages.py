"""Staff find join pages from their program, the right type of card, and words where nothing is."""

import pytest

from loyalty import orders, timeline
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.models import Program, Storefront
from loyalty.orders import OrderData
from tests.cast import card_of, give
from tests.loyalty.staff import errors, page, seen

pytestmark = pytest.mark.django_db


def test_a_program_leads_to_its_join_page_and_to_what_it_asks(admin_client, coffee):
    assert '<a href="/join/coffee/">' in seen(admin_client.get(page("program_changelist")))

    address = page("program_change", coffee.pk)
    before = seen(admin_client.get(address))
    front = Storefront.objects.create(program=coffee)
    after = seen(admin_client.get(address))

    assert 'href="/join/coffee/"' in before
    assert f'href="{page("storefront_add")}?program={coffee.pk}"' in before
    assert f'href="{page("storefront_change", front.pk)}"' in after


def test_each_type_says_what_it_is_before_one_is_chosen(admin_client):
    shown = seen(admin_client.get(page("program_add")))

    for kind in Program.__subclasses__():
        assert kind.about
        assert f"<strong>{kind.label}</strong><br>{kind.about}" in shown


def test_a_programs_color_is_a_color(admin_client, coffee):
    address = page("program_change", coffee.pk)
    assert 'type="color"' in seen(admin_client.get(address))
    said = {"name": "Coffee card", "color": "tomato"}

    answer = admin_client.post(address, said)

    assert errors(answer)["color"] == ["A color such as #b45309."]
    assert Program.objects.get(pk=coffee.pk).color == coffee.color


def test_an_empty_list_says_what_comes_there(admin_client):
    assert "is kept for a customer waits here" in seen(admin_client.get(page("hold_changelist")))
    assert "Nothing matches" in seen(admin_client.get(page("hold_changelist"), {"q": "1"}))


def test_orders_are_told_apart_without_their_keys(admin_client, alice, now):
    key = f"counter:{'f8a6' * 8}"
    data = OrderData(
        key=key, status="paid", customer=Who(id=alice.pk), total_cents=475, currency="USD"
    )
    orders.record(data, cause=Cause("scan"), now=now)

    shown = seen(admin_client.get(page("order_changelist")))

    assert "Alice Arnold" in shown
    assert "$4.75" in shown
    assert key not in shown


def test_what_was_given_is_said_in_numbers(alice, coffee, now):
    give(card_of(alice, coffee), 4, "four coffees", now)

    assert "Coffee card: +4 stamps → 4" in [moment.title for moment in timeline.of(alice, 9)]
