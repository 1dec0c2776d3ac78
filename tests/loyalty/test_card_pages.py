"""A card's own page: behind its own secret, and of its customer's choosing."""

import json
import re

import pytest
from django.test import Client

from loyalty import card_links, cards, clock, counter, customers
from loyalty.models import Card, CardLink, Event, Program, Reward, Storefront
from loyalty.models.reward import RewardKind
from loyalty.wallet import colours
from tests.cast import BY_STAFF, card_of, give
from tests.loyalty import programs

pytestmark = pytest.mark.django_db


def address(card):
    return f"/c/{card_links.key_of(card, now=clock.now())}/"


def text(path, client=None):
    answer = (client or Client()).get(path)
    assert answer.status_code == 200
    return re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())


def test_what_staff_scan_opens_nothing(coffee_card):
    names = (coffee_card.code, coffee_card.serial, coffee_card.number, str(coffee_card.pk))

    found = [Client().get(f"/c/{name}/") for name in names]

    assert [answer.status_code for answer in found] == [404] * 4
    assert len({answer.content for answer in found}) == 1
    assert Client().get(address(coffee_card)).status_code == 200


@pytest.mark.parametrize("gone", ["blocked", "deleted", "erased", "revoked"])
def test_a_card_that_is_gone_looks_unknown(coffee_card, gone, now):
    path = address(coffee_card)
    match gone:
        case "blocked":
            cards.block(coffee_card, now=now)
        case "deleted":
            cards.delete(coffee_card, cause=BY_STAFF, now=now)
        case "erased":
            customers.erase(coffee_card.customer, cause=BY_STAFF, now=now)
        case _:
            card_links.revoke(coffee_card)

    for part in ("", "live/", "app.webmanifest"):
        answer = Client().get(path + part)
        assert answer.status_code == 404
        assert answer.content == Client().get("/c/unknown/").content


def test_a_new_link_ends_the_old_one(coffee_card):
    path = address(coffee_card)

    answer = Client().post(f"{path}new-link/")

    assert Client().get(path).status_code == 404
    assert "Coffee card" in text(answer.headers["Location"])
    assert CardLink.objects.count() == 1


def test_a_lost_card_that_was_replaced_keeps_no_old_link(coffee_card, now):
    path = address(coffee_card)

    cards.replace(coffee_card, now=now)

    assert Client().get(path).status_code == 404


def test_it_shows_what_is_on_the_card_and_no_contact(alice, coffee, aurora, now):
    give(card_of(alice, coffee), 13, "coffees", now)

    stamps, points = text(address(card_of(alice, coffee))), text(address(card_of(alice, aurora)))

    assert "3 stamps" in stamps
    assert "A reward is waiting for you" in stamps
    assert "+13 stamps, +1 reward" in stamps
    assert "100 points" in points
    assert "50 points to go" in points
    for page in (stamps, points):
        assert not any(word in page for word in (alice.email, alice.phone, "Arnold"))


@pytest.mark.parametrize("kind", [kind.type for kind in Program.__subclasses__()])
def test_each_type_has_a_face(kind, dora):
    program = programs.make(kind)
    opening = 2_500 if kind == "gift" else None
    now = clock.now()
    card, _made = cards.issue(program, dora, cause=BY_STAFF, now=now, opening=opening)

    page = text(address(card))

    says = {
        "stamp": "0 stamps", "reward": "0 points", "cashback": "$0.00", "discount": "% off",
        "membership": "Valid", "multipass": "visits left", "coupon": "Good once",
        "gift": "$25.00",
    }  # fmt: skip
    assert says[kind] in page


def test_a_card_that_expired_says_so(coffee_card, now):
    cards.change_expiry(coffee_card, now, now=now)

    assert "This card has expired" in text(address(coffee_card))


def test_what_a_reward_is_worth_is_said(alice, aurora):
    Reward.objects.create(
        program=aurora, name="A tenth", price=120, kind=RewardKind.PERCENT, percent=10,
        most_cents=500,
    )  # fmt: skip

    assert "10 % off, at most $5.00" in text(address(card_of(alice, aurora)))


def test_nothing_is_said_while_nothing_changed(coffee_card, now):
    path = address(coffee_card)
    page = Client().get(path).content.decode()
    seen = re.search(r'data-version="(\w+)"', page)
    assert seen

    quiet = Client().get(f"{path}live/?seen={seen[1]}")
    give(coffee_card, 1, "a coffee", now)
    news = Client().get(f"{path}live/?seen={seen[1]}")

    assert (quiet.status_code, quiet.content) == (204, b"")
    assert "1 stamp" in news.content.decode()


def test_looking_again_is_cheap(coffee_card, django_assert_max_num_queries):
    path = address(coffee_card)
    page = Client().get(path).content.decode()
    seen = re.search(r'data-version="(\w+)"', page)
    assert seen

    with django_assert_max_num_queries(6):
        assert Client().get(f"{path}live/?seen={seen[1]}").status_code == 204


@pytest.mark.parametrize("path", ["", "live/", "app.webmanifest"])
def test_nobody_between_us_keeps_it(coffee_card, path):
    headers = Client().get(address(coffee_card) + path).headers

    assert headers["Cache-Control"] == "no-store, private"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/c/", "/c/me/", "/c/in/abc/", "/join/coffee/", "/c/unknown/"])
def test_nor_any_other_page_of_a_customer(coffee, path):
    headers = Client().get(path).headers

    assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == (
        "no-store, private",
        "noindex, nofollow",
    )


def test_an_installed_app_is_told_once_for_each_device(coffee_card):
    path = f"{address(coffee_card)}installed/"

    for device in ("0a1b2c3d-1", "0a1b2c3d-1", "0a1b2c3d-2", "<script>", ""):
        assert Client().post(path, {"device": device}).status_code == 204

    coffee_card.refresh_from_db()
    assert coffee_card.is_installed
    assert Event.objects.filter(name="card_installed").count() == 2


def test_devices_are_not_made_up_by_the_thousand(coffee_card):
    path = f"{address(coffee_card)}installed/"

    for n in range(15):
        Client().post(path, {"device": f"0a1b2c3d-{n}"})

    assert Event.objects.filter(name="card_installed").count() == 10


def test_an_app_begins_at_the_card_in_its_colours(coffee_card):
    path = address(coffee_card)

    says = json.loads(Client().get(f"{path}app.webmanifest").content)

    assert (says["start_url"], says["scope"], says["display"]) == (
        f"{path}?app",
        "/c/",
        "standalone",
    )
    for icon in says["icons"]:
        answer = Client().get(icon["src"])
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")


@pytest.mark.parametrize("colour", ["#ffffff", "#000000", "#7f7f7f", "#ff8800", "#0077ff", "red"])
def test_what_stands_on_a_card_can_be_read(colour):
    paint = colours.of(Program(color=colour))

    assert colours.contrast(*map(colours.luminance, (paint, colours.on(paint)))) >= 4.5


def test_a_colour_is_nothing_but_a_colour(coffee):
    Program.objects.filter(pk=coffee.pk).update(color="}*{x:")

    said = Client().get("/c/looks.css").content.decode()

    assert said == f".look-{coffee.pk} {{ --card: #4f46e5; --card-ink: #ffffff; }}\n"


def test_the_worker_rules_the_cards_alone(coffee):
    answer = Client().get("/c/worker.js")

    assert answer.headers["Content-Type"] == "text/javascript"
    assert "/c/looks.css" in answer.content.decode()


def test_a_name_is_no_markup(coffee, now):
    eve = customers.join(
        customers.Details(first_name="<img src=x onerror=alert(1)>"), cause=BY_STAFF, now=now
    )[0]
    card, _made = cards.issue(coffee, eve, cause=BY_STAFF, now=now)
    Storefront.objects.create(
        program=coffee, terms="<script>x</script>", links="<b>Menu https://aurora.example/menu"
    )

    page = Client().get(address(card)).content.decode()

    assert "<img src=x" not in page
    assert "<script>x" not in page
    assert "<b>" not in page


def test_a_scan_is_no_visit_to_the_page(coffee_card, now):
    counter.scan(coffee_card.code, by=counter.By("staff:1", BY_STAFF), now=now)

    assert not CardLink.objects.exists()
    assert Card.objects.count() == 1
