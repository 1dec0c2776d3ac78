"""Staff find join pages from their program, the right type of card, and words where nothing is."""

import pytest

from loyalty.models import Program, Storefront
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
