"""Coupon codes by API: checked, redeemed once, given, listed."""

from datetime import UTC, datetime

import pytest

from loyalty import clock, coupons, guesses
from loyalty.models import Coupon, CouponUse
from tests.api.caller import said
from tests.loyalty.codes import campaign, pool

pytestmark = pytest.mark.django_db


@pytest.fixture
def code(business) -> Coupon:
    return pool(1, datetime(2026, 3, 1, tzinfo=UTC), slug="ten", minimum_cents=500).coupons.get()


def test_a_check_says_what_a_code_is_worth(till, code):
    good = till.post("coupons/check/", {"code": code.code.lower(), "total_cents": 1_050}).json()
    bad = till.post("coupons/check/", {"code": code.code, "total_cents": 499}).json()

    assert (good["off_cents"], good["problem"]) == (105, None)
    assert good["coupon"]["off"] == {"percent": "10"}
    assert good["coupon"]["campaign"]["slug"] == "ten"
    assert bad["problem"]["code"] == "coupon_unavailable"
    assert bad["off_cents"] is None


def test_a_code_is_redeemed_once_for_its_key(till, code):
    body = {"code": code.code, "total_cents": 1_000, "order_key": "till:7"}

    done = till.post("coupons/redeem/", body, key="k")
    again = till.post("coupons/redeem/", body, key="k")
    other = till.post("coupons/redeem/", body, key="other")
    changed = till.post("coupons/redeem/", body | {"total_cents": 2_000}, key="k")

    assert done.status_code == 200
    assert done.json()["redemption"]["off_cents"] == 100
    assert (again.content, again["Idempotent-Replayed"]) == (done.content, "true")
    assert said(other) == (409, "already_redeemed")
    assert said(changed) == (409, "key_reuse")
    use = CouponUse.objects.get()
    assert (use.location, use.order_key) == (till.token.location, "till:7")


def test_what_is_missing_or_wrong_is_said(till, code, bob):
    refused = {
        "key_required": till.post("coupons/redeem/", {"code": code.code}),
        "amount_required": till.once("coupons/redeem/", {"code": code.code}),
        "unknown_field": till.once("coupons/redeem/", {"code": code.code, "how": 1}),
        "invalid": till.once("coupons/redeem/", {"code": code.code, "customer": 999_999}),
        "not_found": till.once("coupons/redeem/", {"code": "NOTHING"}),
    }

    assert {wanted: said(answer)[1] for wanted, answer in refused.items()} == dict(
        zip(refused, refused, strict=True)
    )
    assert not CouponUse.objects.exists()


def test_codes_cannot_be_guessed(till, code, monkeypatch):
    monkeypatch.setattr(guesses, "MOST", 3)
    for n in range(3):
        assert till.post("coupons/check/", {"code": f"GUESS{n}"}).status_code == 404

    assert said(till.post("coupons/check/", {"code": "GUESS4"})) == (429, "throttled")
    assert till.post("coupons/check/", {"code": code.code}).status_code == 200


def test_a_customer_is_given_a_code(office, dora, business):
    campaign(slug="five")
    body = {"campaign": "five", "customer": dora.pk}

    first = office.post("coupons/", body, key="a").json()
    again = office.post("coupons/", body, key="a").json()
    office.post("coupons/", body, key="b")

    assert first == again
    assert (first["state"], first["customer"]) == ("issued", {"id": dora.pk})
    assert office.get(f"coupons/{first['code']}/").json() == first
    assert len(office.get(f"coupons/?customer={dora.pk}&state=issued").json()["results"]) == 2
    assert office.get("coupons/?campaign=other").json()["results"] == []
    unknown = office.once("coupons/", {"campaign": "none", "customer": dora.pk})
    assert said(unknown) == (400, "invalid")


def test_an_empty_pool_is_a_refusal_of_its_own(office, dora, bob, code):
    office.once("coupons/", {"campaign": "ten", "customer": dora.pk})

    answer = office.once("coupons/", {"campaign": "ten", "customer": bob.pk})

    assert said(answer) == (409, "campaign_exhausted")


def test_the_till_gives_and_lists_nothing(till, dora, code):
    body = {"campaign": "ten", "customer": dora.pk}

    answers = [till.once("coupons/", body), till.get("coupons/"), till.get(f"coupons/{code}/")]

    assert [said(answer) for answer in answers] == [(403, "forbidden")] * 3


def test_a_code_that_is_over_says_so(till, code):
    campaign_ = code.campaign
    campaign_.ends_at = clock.now()
    campaign_.save()

    answer = till.once("coupons/redeem/", {"code": code.code, "total_cents": 900})

    assert said(answer) == (409, "coupon_expired")
    assert coupons.find(code.code).state == "ready"
