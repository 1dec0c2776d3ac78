"""The scanner where the network comes and goes: each operation counts once."""

from typing import Any

import pytest
from playwright.sync_api import expect

from loyalty import cards, clock
from loyalty.causes import Cause
from loyalty.models import ApiToken, Card, Operation, Program
from tests.browser.scanner.phones import Phone, done_to, pair, press, serious, type_in

# Whoever hangs up leaves a thread of the live server behind, which may still hold its connection.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in.*BaseConnection.__del__:pytest.PytestUnraisableExceptionWarning"
)

BY_STAFF = Cause("staff:1")


def test_three_operations_without_a_network_count_once_each(
    phone: Phone, harbour: Any, doras_card: Card, coffee: Program, alice: Any, bob: Any
) -> None:
    page = phone()
    type_in(page, doras_card.code)
    expect(page.get_by_role("button", name="+1 stamp", exact=True)).to_be_visible()
    page.get_by_role("button", name="Back").click()
    bobs = cards.issue(coffee, bob, cause=BY_STAFF, now=clock.now())[0]
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.reload()  # the app itself starts without a network

    type_in(page, doras_card.code)  # seen before
    expect(page.locator(".notice")).to_contain_text("No connection: this is how it was")
    page.get_by_role("button", name="+3 stamps").click()
    expect(page.get_by_role("heading", name="Kept for later")).to_be_visible()
    assert serious(page) == []
    page.get_by_role("button", name="Next card").click()
    for card, label in ((alice.cards.get(program=coffee), "+1 stamp"), (bobs, "+2 stamps")):
        type_in(page, card.code)  # never seen here
        page.get_by_role("button", name="Coffee card").click()
        page.get_by_role("button", name=label, exact=True).click()
        page.get_by_role("button", name="Next card").click()
    expect(page.get_by_role("button", name="3 waiting")).to_be_visible()
    assert not Operation.objects.filter(kind="accrue", actor__startswith="token:").exists()

    page.context.set_offline(False)

    expect(page.get_by_role("button", name="3 waiting")).to_be_hidden()
    page.reload()
    page.get_by_role("button", name="Recent").click()
    expect(page.locator(".recent .is-done")).to_have_count(3)
    assert serious(page) == []
    assert done_to(doras_card) == [("accrue", 3)]
    assert done_to(alice.cards.get(program=coffee)) == [("accrue", 1)]
    assert done_to(bobs) == [("accrue", 2)]


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key(
    phone: Phone, doras_card: Card
) -> None:
    page = phone()
    type_in(page, doras_card.code)
    lost = []

    def lose(route: Any) -> None:
        route.fetch()  # it arrives, and is done
        lost.append(route.request.headers["idempotency-key"])
        route.abort()

    page.route("**/accrue/", lose)
    page.get_by_role("button", name="+1 stamp", exact=True).click()
    expect(page.get_by_role("heading", name="Kept for later")).to_be_visible()
    expect(page.get_by_role("button", name="Take back")).to_have_count(0)  # it may have arrived
    page.unroute("**/accrue/")

    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.get_by_role("button", name="Next card").click()

    expect(page.get_by_role("button", name="1 waiting")).to_be_hidden()
    assert len(lost) == 1
    assert done_to(doras_card) == [("accrue", 1)]


def test_what_is_refused_later_is_told_and_what_was_not_sent_is_taken_back(
    phone: Phone, harbour: Any, doras_card: Card, aurora: Program
) -> None:
    page = phone()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    type_in(page, doras_card.code)
    page.get_by_role("button", name="Aurora points").click()  # it is a coffee card
    page.get_by_role("button", name="Enter purchase").click()
    press(page, "500")
    page.get_by_role("button", name="Confirm $5.00").click()
    page.get_by_role("button", name="Next card").click()
    type_in(page, doras_card.code)
    page.get_by_role("button", name="Coffee card").click()
    page.get_by_role("button", name="+1 stamp", exact=True).click()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_role("button", name="1 waiting")).to_be_visible()

    page.context.set_offline(False)

    page.get_by_role("button", name="1 refused").click()
    expect(page.locator(".recent .is-refused")).to_contain_text(
        "This was another card (Coffee card)"
    )
    assert serious(page) == []
    page.get_by_role("button", name="Understood").click()
    expect(page.get_by_text("What you do with cards today shows up here.")).to_be_visible()
    assert done_to(doras_card) == []


def test_a_device_that_is_revoked_says_so_and_keeps_what_waits(
    phone: Phone, doras_card: Card, harbour: Any
) -> None:
    page = phone()
    type_in(page, doras_card.code)
    page.context.set_offline(True)
    page.get_by_role("button", name="+1 stamp", exact=True).click()
    expect(page.get_by_role("heading", name="Kept for later")).to_be_visible()
    ApiToken.objects.update(revoked_at=clock.now())
    page.context.set_offline(False)

    page.goto("/scanner/")
    expect(page.get_by_role("heading", name="Pair this device")).to_be_visible()
    assert done_to(doras_card) == []
    pair(page, harbour)

    expect(page.get_by_role("button", name="Recent")).to_be_visible()
    page.get_by_role("button", name="Recent").click()
    expect(page.locator(".recent .is-done")).to_have_count(1)
    assert done_to(doras_card) == [("accrue", 1)]


def test_what_may_have_counted_is_not_sent_again_by_a_device_that_was_paired_anew(
    phone: Phone, doras_card: Card, harbour: Any
) -> None:
    page = phone()
    type_in(page, doras_card.code)

    def lose(route: Any) -> None:
        route.fetch()
        ApiToken.objects.update(revoked_at=clock.now())
        route.abort()

    page.route("**/accrue/", lose)
    page.get_by_role("button", name="+1 stamp", exact=True).click()
    expect(page.get_by_role("heading", name="Kept for later")).to_be_visible()
    page.unroute("**/accrue/")

    page.goto("/scanner/")
    expect(page.get_by_role("heading", name="Pair this device")).to_be_visible()
    pair(page, harbour)

    page.get_by_role("button", name="1 refused").click()
    expect(page.locator(".recent .is-refused")).to_contain_text("Look at the card.")
    assert done_to(doras_card) == [("accrue", 1)]
