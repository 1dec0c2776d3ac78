"""A card as a file for Apple Wallet, by the API."""

from tests.api.caller import said
from tests.wallets import authority
from tests.wallets.phone import Pkpass


def test_the_pass_is_given_to_whoever_may_see_customers(coffee_card, office, till):
    authority.equip_shop()

    answer = office.get(f"cards/{coffee_card.serial}/pass/")

    assert answer["Content-Type"] == "application/vnd.apple.pkpass"
    assert answer["Cache-Control"] == "no-store"
    assert Pkpass(answer.content).document["serialNumber"] == coffee_card.serial
    assert said(till.get(f"cards/{coffee_card.serial}/pass/")) == (403, "forbidden")
    assert said(office.get("cards/nobody/pass/")) == (404, "not_found")


def test_without_certificates_there_is_no_pass(coffee_card, office):
    refusal = office.get(f"cards/{coffee_card.serial}/pass/")

    assert said(refusal) == (409, "not_configured")
