"""The scanner on a phone: from pairing to undo, without a network, and alone with customers."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from loyalty import cards, clock, pairings
from loyalty.causes import Cause
from loyalty.models import ApiToken, Card, Operation, Program
from loyalty.programs.gift import GiftProgram
from tests.browser.scanner.phones import Phone, done_to, press, serious, type_in
from tests.cast import give
from tests.loyalty.claims import claim

BY_STAFF = Cause("staff:1")


def test_a_phone_is_paired_while_staff_watch(staff: Page, phone: Phone, harbour: Any) -> None:
    staff.goto("/admin/loyalty/apitoken/")
    staff.get_by_role("link", name="Pair a scanner").click()
    staff.get_by_label("Name").fill("Phone at the bar")
    staff.get_by_role("button", name="Show the code").click()
    expect(staff.locator(".pairing-state")).to_contain_text("Waiting for the device")
    assert serious(staff) == []
    link = staff.get_by_role("link", name="Or pair the device").get_attribute("href")

    new = phone(paired=False)
    assert link is not None
    new.goto(link)

    expect(new.get_by_role("heading", name="Café Aurora · Harbour")).to_be_visible()
    assert new.url.endswith("/scanner/")
    expect(staff.locator(".pairing-state")).to_contain_text(
        "Paired! “Phone at the bar” can scan now."
    )
    token = ApiToken.objects.get()
    assert (token.scopes, token.location) == (["scanner"], harbour)


def test_a_code_is_typed_and_a_wrong_one_refused(phone: Phone, harbour: Any) -> None:
    page = phone(paired=False)
    page.goto("/scanner/")
    page.get_by_label("Code").fill("WRONG WRONG")
    page.get_by_role("button", name="Pair", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("unknown, was used, or is too old")
    assert serious(page) == []

    _pairing, code = pairings.offer("Tablet", harbour, is_kiosk=True, now=clock.now())
    page.get_by_label("Code").fill(pairings.shown(code).lower())
    page.get_by_role("button", name="Pair", exact=True).click()

    expect(page.get_by_text("Hold your card in front of the camera.")).to_be_visible()
    assert ApiToken.objects.get().scopes == ["kiosk"]


def test_a_card_before_the_camera_has_its_stamp_after_one_tap(
    looking_at: Phone, doras_card: Card
) -> None:
    page = looking_at(doras_card.code)

    page.get_by_role("button", name="+1 stamp", exact=True).click()

    expect(page.get_by_role("heading", name="+1 stamp")).to_be_visible()
    expect(page.locator(".changes")).to_have_text("+1 stampnow 1 stamp")
    assert done_to(doras_card) == [("accrue", 1)]
    operation = Operation.objects.get(kind="accrue")
    assert operation.location is not None
    assert operation.location.slug == "harbour"

    page.get_by_role("button", name=re.compile("Undo")).click()

    expect(page.get_by_role("heading", name="Undone")).to_be_visible()
    assert done_to(doras_card) == [("accrue", 1), ("reverse", -1)]


def test_a_full_row_is_a_reward_that_is_redeemed(phone: Phone, doras_card: Card) -> None:
    page = phone()
    give(doras_card, 8, "eight", clock.now())
    type_in(page, doras_card.code)
    assert serious(page) == []
    page.get_by_text("Add a note").click()
    page.get_by_label("Note, for staff only").fill("Oat milk")
    page.get_by_role("button", name="+2 stamps").click()
    expect(page.locator(".crossed")).to_have_text("A reward is there!")
    assert serious(page) == []
    page.get_by_role("button", name="Next card").click()

    type_in(page, doras_card.number)
    page.get_by_role("button", name="Redeem 1 reward").click()

    expect(page.locator(".changes")).to_contain_text("−1 reward")
    assert done_to(doras_card)[-1] == ("redeem", -1)
    assert Operation.objects.get(kind="accrue", note__comment="Oat milk").actor.startswith("token:")


def test_points_pay_a_reward_after_a_question(
    phone: Phone, harbour: Any, aurora: Program, alice: Any
) -> None:
    page = phone()
    card = alice.cards.get(program=aurora)
    page.get_by_role("button", name="Search").click()
    page.get_by_label("Name, phone, email or number").fill("arnold")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Ask which one it is")
    assert "Arnold" not in page.content()
    assert serious(page) == []
    page.get_by_role("button", name=re.compile("A. A..*ends …00.*Aurora points")).click()
    expect(page.get_by_role("button", name=re.compile("Breakfast for two"))).to_be_disabled()

    page.get_by_role("button", name=re.compile("A piece of cake")).click()
    page.get_by_role("button", name="Yes, give it").click()

    expect(page.locator(".changes")).to_have_text("−50 pointsnow 50 points")
    page.get_by_role("button", name="Next card").click()
    type_in(page, card.code)
    page.get_by_role("button", name="Enter purchase").click()
    press(page, "1250")
    expect(page.locator(".sum")).to_have_text("$12.50")
    assert serious(page) == []
    page.get_by_role("button", name="Confirm $12.50").click()
    expect(page.locator(".changes")).to_have_text("+12 pointsnow 62 points")


def test_what_is_kept_for_a_customer_is_handed_over(
    phone: Phone, harbour: Any, aurora: Program, alice: Any
) -> None:
    card = alice.cards.get(program=aurora)
    hold = claim(card, clock.now())
    page = phone()
    type_in(page, card.code)
    expect(page.get_by_role("heading", name="Kept for them")).to_be_visible()
    assert serious(page) == []

    page.get_by_role("button", name=re.compile("A piece of cake.*Valid until")).click()
    page.get_by_role("button", name="Yes, give it").click()

    expect(page.get_by_role("heading", name="Hand over: A piece of cake")).to_be_visible()
    assert page.get_by_role("button", name=re.compile("Undo")).count() == 0
    hold.refresh_from_db()
    assert hold.state == "captured"
    page.get_by_role("button", name="Next card").click()
    type_in(page, card.code)
    expect(page.get_by_role("heading", name="Rewards")).to_be_visible()
    assert page.get_by_role("heading", name="Kept for them").count() == 0


def test_money_is_typed_twice_before_it_is_taken(phone: Phone, harbour: Any, dora: Any) -> None:
    gift = GiftProgram.objects.create(slug="gift", name="Gift card")
    card, _made = cards.issue(gift, dora, opening=2_000, cause=BY_STAFF, now=clock.now())
    page = phone()
    type_in(page, card.code)
    page.get_by_role("button", name="Pay with this card").click()

    press(page, "1200")
    page.get_by_role("button", name="Go on").click()
    press(page, "1300")
    page.get_by_role("button", name="Confirm $13.00").click()
    expect(page.get_by_role("alert")).to_have_text("That was another amount. Begin again.")
    press(page, "2100")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_have_text("The card holds $20.00.")
    assert done_to(card) == []

    for _digit in "2100":
        page.get_by_role("button", name="Erase").click()
    for _time in range(2):
        press(page, "1200")
        page.get_by_role("button", name=re.compile(r"Go on|Confirm \$12")).click()

    expect(page.locator(".changes")).to_have_text("−$12.00now $8.00")
    assert done_to(card) == [("redeem", -1200)]


def test_a_kiosk_serves_who_holds_up_a_card_once(looking_at: Phone, doras_card: Card) -> None:
    page = looking_at(doras_card.code, is_kiosk=True)

    expect(page.locator(".answer.is-good")).to_contain_text("Thank you, Dora")
    expect(page.locator(".answer")).to_contain_text("+1 stamp · now 1 stamp")
    assert serious(page) == []
    # It lies before the camera still; only who shows it anew is answered.
    expect(page.locator(".answer")).to_be_empty(timeout=15_000)
    type_in(page, doras_card.code)
    expect(page.locator(".answer.is-bad")).to_contain_text("served already")
    assert done_to(doras_card) == [("accrue", 1)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_settings_stay_and_the_pairing_ends(
    phone: Phone, doras_card: Card, scheme: Any
) -> None:
    page = phone(color_scheme=scheme)
    page.get_by_role("button", name="Settings").click()
    expect(page.locator(".about")).to_contain_text("Phone at the bar")
    assert serious(page) == []
    page.get_by_role("switch", name="Sounds").uncheck()
    page.get_by_label("Light or dark").select_option("dark")
    page.reload()
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("switch", name="Sounds")).not_to_be_checked()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"

    page.get_by_role("button", name="End the pairing").click()

    expect(page.get_by_role("heading", name="Pair this device")).to_be_visible()
    assert ApiToken.objects.get().revoked_at is not None
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_the_app_can_be_installed(phone: Phone) -> None:
    page = phone()
    told = page.evaluate(
        "fetch(document.querySelector('link[rel=manifest]').href).then((a) => a.json())"
    )

    assert (told["start_url"], told["display"]) == ("/scanner/", "standalone")
    for each in told["icons"]:
        assert page.request.get(each["src"]).ok
    assert page.evaluate("navigator.serviceWorker.ready.then((each) => each.scope)").endswith(
        "/scanner/"
    )
    kept = page.evaluate(
        "caches.keys().then(([name]) => caches.open(name)).then((kept) => kept.keys())"
        ".then((all) => all.length)"
    )
    assert kept > 25
