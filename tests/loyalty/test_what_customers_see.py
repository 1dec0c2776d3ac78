"""What a customer should know of their cards: what is soon over, owed, out of use; whose pages they
are."""

import io
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from PIL import Image

from loyalty import card_links, cards, clock, sign_ins
from loyalty.customers import Who
from loyalty.models import Program
from tests.cast import BY_STAFF, card_of, give
from tests.loyalty import programs
from tests.loyalty.shop import paid, refund
from tests.loyalty.till import OFFICE, redeem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business")]
NEW_YORK = ZoneInfo("America/New_York")


def address(card):
    return f"/c/{card_links.key_of(card, now=clock.now())}/"


def text(path, client=None):
    answer = (client or Client()).get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def signed_in(customer):
    browser = Client()
    browser.cookies["regulars_customer"] = sign_ins.begin(customer, now=clock.now())
    return browser


def test_what_is_over_soon_is_said_with_its_day(dora, coffee):
    Program.objects.filter(pk=coffee.pk).update(lot_life_days=20)
    now = clock.now()
    card = cards.issue(Program.objects.get(pk=coffee.pk), dora, cause=BY_STAFF, now=now)[0]
    give(card, 4, "old", now - timedelta(days=15))
    give(card, 3, "new", now)

    page = text(address(card))

    # The business's day, in New York.
    days = [f"{(now + timedelta(days=n)).astimezone(NEW_YORK):%-d %b %Y}" for n in (5, 20)]
    assert f"4 stamps until {days[0]}: use them before." in page
    assert f"3 stamps until {days[1]}: use them before." in page


def test_what_lapses_together_stays_for_who_comes_before(dora):
    program = programs.make("lapsing_stamp")
    card = cards.issue(program, dora, cause=BY_STAFF, now=clock.now())[0]
    give(card, 4, "four", clock.now())

    page = text(address(card))
    assert "4 stamps until" in page
    assert "earn something before, and they stay" in page


def test_a_reward_is_not_promised_on_a_card_that_expired(alice, aurora, now):
    card = card_of(alice, aurora)
    assert "Yours: show your code" in text(address(card))

    cards.change_expiry(card, now, now=now)

    page = text(address(card))
    assert "Yours" not in page
    assert "until" not in page


def test_a_debt_is_said_and_why(alice, aurora):
    now = clock.now()
    card = card_of(alice, aurora)
    paid(now, 5_000, customer=Who(id=alice.pk))
    redeem(card, now, OFFICE, amount=150)
    refund(now, 2_000)

    page = text(address(card))

    assert "You owe 20 points after a return" in page
    assert "After a return −20 points" in page


def test_a_blocked_card_is_told_to_its_customer_and_to_nobody_else(alice, coffee, now):
    cards.block(card_of(alice, coffee), now=now)

    page = text("/c/", signed_in(alice))

    assert "Coffee card Cannot be used: ask at the counter" in page
    assert "Aurora points 100 points" in page
    assert "Cannot be used" not in text("/c/")


def test_a_list_of_cards_says_the_least(dora):
    for kind in ("cashback", "discount", "stamp", "multipass"):
        cards.issue(programs.make(kind), dora, cause=BY_STAFF, now=clock.now())

    page = text("/c/", signed_in(dora))

    for said in ("cashback $0.00 ", "discount 2 % off", "stamp 0 stamps", "multipass 10 visits "):
        assert said in page


def test_pages_without_a_card_are_in_the_only_programs_colours(coffee, aurora, alice, bob, now):
    cards.issue(coffee, bob, cause=BY_STAFF, now=now)
    one, two = signed_in(bob), signed_in(alice)
    look = f'<main class="in-look look-{coffee.pk}">'

    pages = [client.get("/c/me/").content.decode() for client in (one, two, Client())]
    assert [look in page for page in pages] == [True, False, False]
    assert all("Café Aurora" in page for page in (*pages[:2], Client().get("/c/").content.decode()))
    Program.objects.filter(pk=aurora.pk).update(is_active=False)
    assert look in Client().get("/c/").content.decode()


def test_where_there_are_several_they_are_in_the_businesss_colours(admin_client, alice, business):
    assert "look-business" not in Client().get("/c/looks.css").content.decode()
    page = "/admin/loyalty/business/1/change/"
    said = {"name": "Aurora", "time_zone": "UTC", "currency": "USD", "address": ""}
    drawn = io.BytesIO()
    Image.new("RGB", (64, 32), "teal").save(drawn, "PNG")
    drawn.seek(0)

    assert admin_client.post(page, said | {"color": "teal"}).status_code == 200
    saved = admin_client.post(page, said | {"color": "#facc15", "new_logo": drawn})

    assert saved.status_code == 302
    business.refresh_from_db()
    shown = signed_in(alice).get("/c/").content.decode()
    assert '<main class="in-look look-business">' in shown
    assert f"/c/picture/{business.logo.digest}.png" in shown
    looks = Client().get("/c/looks.css").content.decode()
    assert ".look-business { --card: #facc15; --card-ink: #000000; }" in looks
