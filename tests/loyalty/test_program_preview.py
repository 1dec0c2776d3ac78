"""The card beside a program's form: drawn from what is typed, and nothing is written."""

import pytest

from loyalty.models import Program, Reward
from tests.loyalty import programs
from tests.loyalty.staff import page, seen

pytestmark = pytest.mark.django_db

TYPES = [type.type for type in Program.__subclasses__()]
NO_ROWS = {
    f"{prefix}-{name}": number
    for prefix in ("rewards", "rates", "plans", "happy_hours")
    for name, number in (("TOTAL_FORMS", 0), ("INITIAL_FORMS", 0))
}


def drawn(client, kind, program=None, **typed):
    address = page(f"{kind}program_preview", *([program.pk] if program else []))
    return seen(client.post(address, NO_ROWS | typed))


def rows(prefix, *found):
    """As Django's script numbers them."""
    said = {f"{prefix}-TOTAL_FORMS": len(found)}
    for number, row in enumerate(found):
        said |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return said


def test_a_new_program_is_drawn_before_it_is_saved(admin_client, business):
    text = drawn(admin_client, "stamp", name="Ten teas", color="#123456", stamps_per_reward=6)

    assert "Ten teas" in text
    assert text.count("is-filled") == 3
    assert "look/123456.css" in text
    assert not Program.objects.exists()


def test_what_is_typed_is_drawn_over_what_is_saved(admin_client, coffee):
    text = drawn(admin_client, "stamp", coffee, name="Another name")

    assert "Another name" in text
    coffee.refresh_from_db()
    assert coffee.name != "Another name"


def test_what_makes_no_sense_leaves_the_rest_drawn(admin_client, business):
    text = drawn(admin_client, "stamp", name="Ten teas", stamps_per_reward="many", color="red!")

    assert "Ten teas" in text


def test_rewards_and_rates_are_drawn_from_their_rows(admin_client, business):
    cake = {"name": "A cake", "price": 50, "is_active": "on", "kind": "gift"}
    offered = drawn(admin_client, "reward", name="Points", **rows("rewards", cake))
    assert "A cake" in offered

    rate = {"from_cents": 0, "percent": "7.5"}
    assert "7.5 %" in drawn(admin_client, "cashback", name="Back", **rows("rates", rate))
    assert not Reward.objects.exists()


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_has_a_page_with_its_card_beside_it(admin_client, business, kind):
    program = programs.make(kind)
    address = page(f"{kind}program_preview", program.pk)

    assert address in seen(admin_client.get(page(f"{kind}program_change", program.pk)))
    assert program.name in seen(admin_client.post(address, NO_ROWS | {"name": program.name}))
    assert page(f"{kind}program_preview") in seen(admin_client.get(page(f"{kind}program_add")))


def test_who_may_not_see_programs_sees_no_preview(client, coffee, django_user_model):
    client.force_login(django_user_model.objects.create_user("clerk", is_staff=True))

    assert client.post(page("stampprogram_preview", coffee.pk), NO_ROWS).status_code == 403


def test_the_look_is_a_colour_and_nothing_else(admin_client, business):
    answer = admin_client.get(page("program_look", "12ab34"))
    other = admin_client.get(page("program_look", "x;}body{display:none"))

    assert answer.headers["Content-Type"] == "text/css"
    assert "--card: #12ab34;" in answer.content.decode()
    assert "display" not in other.content.decode()
