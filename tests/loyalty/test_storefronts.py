"""What a shop decides of its customers' pages, and what they bring friends and claim with."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from loyalty import card_links, clock, pictures, referrals
from loyalty.errors import Invalid
from loyalty.models import (
    Attribute,
    Customer,
    Event,
    Hold,
    Picture,
    Referral,
    ReferralOffer,
    ReferralShare,
    Review,
    ReviewPage,
    Storefront,
)
from tests.cast import card_of
from tests.loyalty.staff import page

pytestmark = pytest.mark.django_db


def png(width=40, height=20, form="PNG"):
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, form)
    return out.getvalue()


def said(program, **more):
    asked = dict.fromkeys(Storefront.FIELDS, "no") | {"first_name": "required"}
    return {"program": program.pk, "is_open": "on", "email_consent": "Yes."} | asked | more


def test_staff_decide_what_is_asked_and_shown(admin_client, coffee):
    logo = SimpleUploadedFile("logo.png", png(), "image/png")

    answer = admin_client.post(
        page("storefront_add"),
        said(coffee, welcome="Hello!", links="Menu https://a.example/menu", new_logo=logo),
    )

    assert answer.status_code == 302
    join = Client().get("/join/coffee/").content.decode()
    picture = Picture.objects.get()
    assert all(word in join for word in ("Hello!", picture.digest, 'name="first_name"'))
    assert 'name="email"' not in join
    shown = Client().get(f"/c/picture/{picture.digest}.png")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


def test_a_picture_stays_until_it_is_taken_away(admin_client, coffee):
    picture = pictures.keep(io.BytesIO(png()), now=clock.now())
    front = Storefront.objects.create(program=coffee, logo=picture)

    admin_client.post(page("storefront_change", front.pk), said(coffee))
    front.refresh_from_db()
    assert front.logo == picture

    admin_client.post(page("storefront_change", front.pk), said(coffee, no_logo="on"))
    front.refresh_from_db()
    assert front.logo is None


def test_its_page_shows_the_address_to_put_on_a_table(admin_client, coffee):
    front = Storefront.objects.create(program=coffee)

    text = admin_client.get(page("storefront_change", front.pk)).content.decode()

    assert "/join/coffee/" in text
    assert "<svg" in text


@pytest.mark.parametrize("links", ["Menu", "Menu http://a.example", "javascript:alert(1)"])
def test_links_are_names_with_safe_addresses(admin_client, coffee, links):
    answer = admin_client.post(page("storefront_add"), said(coffee, links=links))

    assert answer.status_code == 200
    assert not Storefront.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a<script>",
        png()[:30],
        b"x" * (pictures.LARGEST + 1),
    ],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(Invalid):
        pictures.keep(io.BytesIO(data), now=clock.now())

    assert not Picture.objects.exists()


def test_what_hides_in_a_picture_does_not_get_through():
    kept = pictures.keep(io.BytesIO(png(form="JPEG") + b"<script>"), now=clock.now())
    large = pictures.keep(io.BytesIO(png(3000, 1500)), now=clock.now())

    assert bytes(kept.data).startswith(b"\x89PNG")
    assert b"<script>" not in bytes(kept.data)
    assert (large.width, large.height) == (1200, 600)


@pytest.mark.parametrize("digest", ["unknown", "a%00b", "%ED%A0%80"])
def test_a_picture_that_is_not_there_is_not_found(client, digest):
    assert client.get(f"/c/picture/{digest}.png").status_code == 404


def test_a_bomb_is_no_picture(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 100)

    with pytest.raises(Invalid):
        pictures.keep(io.BytesIO(png()), now=clock.now())


def test_a_shops_own_questions_are_asked(coffee):
    Attribute.objects.create(slug="milk", label="Milk", type="choice", choices=["oat", "cow"],
                             is_on_join_page=True)  # fmt: skip
    Attribute.objects.create(slug="hidden", label="Hidden")

    browser = Client()
    refused = browser.post("/join/coffee/", {"email": "n@example.com", "attribute_milk": "camel"})
    browser.post(
        "/join/coffee/",
        {"email": "n@example.com", "attribute_milk": "oat", "attribute_hidden": "x"},
    )

    assert refused.status_code == 422
    assert Customer.objects.get().attributes == {"milk": "oat"}


# --- Friends --------------------------------------------------------------------------------------


@pytest.fixture
def offer(coffee):
    return ReferralOffer.objects.create(program=coffee)


def test_who_joins_by_a_friends_link_is_noted(alice, coffee, offer):
    card = card_of(alice, coffee)
    path = f"/c/{card_links.key_of(card, now=clock.now())}/"
    assert referrals.link(card) in Client().get(path).content.decode()

    via = f"/join/coffee/?via={referrals.code_of(card)}"
    Client().post(via, {"email": "friend@example.com"})

    referral = Referral.objects.get()
    assert (referral.referrer, referral.referred.email) == (alice, "friend@example.com")


def test_who_was_here_before_is_nobodys_friend(alice, bob, dora, coffee, offer):
    card = card_of(alice, coffee)

    Client().post(f"/join/coffee/?via={referrals.code_of(card)}", {"email": dora.email})

    assert not Referral.objects.exists()


def test_a_made_up_code_is_no_reason_to_refuse_a_card(alice, coffee, offer):
    answer = Client().post("/join/coffee/?via=zz-made-up", {"email": "friend@example.com"})

    assert (answer.status_code, Referral.objects.count()) == (302, 0)


def test_handing_the_link_on_is_told_once_a_day(alice, coffee, offer):
    path = f"/c/{card_links.key_of(card_of(alice, coffee), now=clock.now())}/"
    browser = Client()
    browser.get(path)

    for _twice in range(2):
        assert browser.post(f"{path}shared/").status_code == 204

    assert Event.objects.filter(name="shared").count() == 1


def test_browsers_that_call_themselves_ever_new_names_are_not_all_kept(alice, coffee, offer):
    path = f"/c/{card_links.key_of(card_of(alice, coffee), now=clock.now())}/"
    browser = Client()

    for number in range(32):
        browser.cookies["regulars_device"] = f"name{number}"
        assert browser.post(f"{path}shared/").status_code == 204

    assert ReferralShare.objects.count() == 30


# --- Claims ---------------------------------------------------------------------------------------


def test_a_claim_counts_once_however_often_it_is_pressed(alice, aurora):
    card = card_of(alice, aurora)
    path = f"/c/{card_links.key_of(card, now=clock.now())}/"
    wish = {"reward": aurora.rewards.get(price=50).pk, "once": "0123456789abcdef"}

    for _twice in range(2):
        Client().post(f"{path}claim/", wish)
    Client().post(f"{path}claim/", wish | {"once": "0123456789abcde"})

    hold = Hold.objects.get()
    assert (hold.is_claim, hold.amount) == (True, 50)
    assert "50 points" in Client().get(path).content.decode()

    other = f"/c/{card_links.key_of(card_of(alice, alice.cards.first().program), now=clock.now())}/"
    assert Client().post(f"{other}claims/{hold.pk}/back/").status_code == 404
    Client().post(f"{path}claims/{hold.pk}/back/")
    hold.refresh_from_db()
    assert hold.state == "voided"


def test_what_cannot_be_paid_is_not_kept(alice, aurora):
    path = f"/c/{card_links.key_of(card_of(alice, aurora), now=clock.now())}/"
    browser = Client()

    wish = {"reward": aurora.rewards.get(price=150).pk, "once": "0123456789abcdef"}
    answer = browser.post(f"{path}claim/", wish, follow=True)

    assert "The card does not hold enough" in answer.content.decode()
    assert not Hold.objects.exists()


# --- Reviews --------------------------------------------------------------------------------------


def test_a_review_is_left_from_the_card_once(alice, coffee):
    ReviewPage.objects.create(program=coffee, public_url="https://reviews.example/aurora")
    path = f"/c/{card_links.key_of(card_of(alice, coffee), now=clock.now())}/"
    assert "How do you like it here?" in Client().get(path).content.decode()

    wish = {"rating": "5", "text": "Lovely.", "once": "0123456789abcdef"}
    said = [Client().post(f"{path}review/", wish).content.decode() for _twice in range(2)]
    again = Client().post(f"{path}review/", wish | {"once": "f123456789abcdef"})

    review = Review.objects.get()
    assert (review.customer, review.rating, review.text) == (alice, 5, "Lovely.")
    assert all("https://reviews.example/aurora" in each for each in said)
    assert again.status_code == 302
    assert "How do you like it here?" not in Client().get(path).content.decode()


@pytest.mark.parametrize("stars", ["", "0", "6", "five", "-1"])
def test_stars_are_one_to_five(alice, coffee, stars):
    ReviewPage.objects.create(program=coffee)
    path = f"/c/{card_links.key_of(card_of(alice, coffee), now=clock.now())}/"

    answer = Client().post(f"{path}review/", {"rating": stars, "once": "0123456789abcdef"})

    assert (answer.status_code, Review.objects.count()) == (302, 0)
