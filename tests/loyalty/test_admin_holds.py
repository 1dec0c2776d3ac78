"""Staff look at what is held, hand it over and give it back."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from loyalty import cards, clock, holds
from loyalty.models import Hold, Operation
from loyalty.programs.coupon import CouponProgram
from tests.cast import BY_STAFF, card_of
from tests.loyalty.claims import claim
from tests.loyalty.postings import held

LIST = "admin:loyalty_hold_changelist"


@pytest.fixture
def waiting(rich):
    return claim(rich, clock.now())


def act(client, action, hold, **more):
    body = {"action": action, "_selected_action": hold.pk} | more
    return client.post(reverse(LIST), body, follow=True)


def test_staff_see_what_is_held(admin_client, waiting):
    page = admin_client.get(reverse(LIST)).content.decode()

    assert "A piece of cake" in page
    assert "Dora" in page


def test_staff_give_it_back_and_say_why(admin_client, rich, waiting):
    page = act(admin_client, "void", waiting, reason="Sold out").content.decode()

    assert "1 claim was given back." in page
    assert held(rich) == {"points": 100}
    assert Operation.objects.get(kind="reverse").reason == "Sold out"


def test_staff_hand_it_over_once(admin_client, rich, waiting):
    assert "1 claim was handed over." in act(admin_client, "capture", waiting).content.decode()
    page = act(admin_client, "void", waiting).content.decode()

    assert "It was redeemed before" in page
    assert Hold.objects.get().state == "captured"


def test_a_coupon_that_staff_hand_over_turns_into_its_card(admin_client, dora, coffee):
    now = clock.now()
    program = CouponProgram.objects.create(slug="first", name="First", turns_into=coffee)
    coupon = cards.issue(program, dora, cause=BY_STAFF, now=now)[0]
    hold = holds.claim(coupon, key="claim", now=now)

    act(admin_client, "capture", hold)
    act(admin_client, "capture", hold)

    assert held(card_of(dora, coffee)) == {"stamps": 1, "rewards": 0}


def test_who_may_only_look_settles_nothing(client, rich, waiting):
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_hold"))
    client.force_login(viewer)

    act(client, "void", waiting)

    assert client.get(reverse(LIST)).status_code == 200
    assert Hold.objects.get().state == "open"
