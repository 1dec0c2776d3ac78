"""Claims by the API: held, handed over, given back."""

from datetime import timedelta

import pytest

from loyalty import clock, holds
from loyalty.models import Hold
from tests.api.caller import said
from tests.cast import balances, give


@pytest.fixture
def rich(aurora_card, now):
    give(aurora_card, 100, "a start", now)
    return aurora_card


@pytest.fixture
def claim(rich):
    cake = rich.program.rewards.get(name="A piece of cake")
    return holds.claim(rich, reward=cake, key="claim", now=clock.now())


def test_a_claim_is_on_the_card_and_handed_over(till, rich, claim):
    shown = till.get(f"cards/{rich.serial}/").json()["claims"]
    answer = till.once(f"claims/{claim.pk}/capture/")

    assert [(each["id"], each["reward"], each["amount"]) for each in shown] == [
        (claim.pk, "A piece of cake", 50)
    ]
    assert answer.status_code == 200
    assert answer.json()["operation"]["kind"] == "capture"
    assert answer.json()["card"]["balances"] == {"points": 50}
    assert said(till.once(f"claims/{claim.pk}/capture/")) == (409, "already_redeemed")


def test_a_claim_is_given_back(till, rich, claim):
    answer = till.once(f"claims/{claim.pk}/void/", {"reason": "Sold out"})

    assert answer.json()["operation"]["entries"] == [
        {"unit": "points", "amount": 50, "balance": 100}
    ]
    assert said(till.once(f"claims/{claim.pk}/capture/")) == (409, "already_reversed")


def test_a_checkout_holds_until_it_is_paid(till, rich, now):
    until = (clock.now() + timedelta(minutes=10)).isoformat()
    cake = rich.program.rewards.get(name="A piece of cake")
    body = till.once(f"cards/{rich.serial}/hold/", {"reward": cake.pk, "until": until}).json()

    assert body["claim"] in body["card"]["claims"]
    assert balances(rich) == {"points": 50}

    again = till.post(f"claims/{body['claim']['id']}/capture/", {}, key="paid")
    replayed = till.post(f"claims/{body['claim']['id']}/capture/", {}, key="paid")
    assert again.json() == replayed.json()
    assert replayed["Idempotent-Replayed"] == "true"
    assert Hold.objects.get().state == "captured"


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (400, "amount_required")),
        ({"reward": 1, "amount": 1}, (400, "invalid")),
        ({"amount": 1}, (403, "forbidden")),
        ({"reward": 10**6}, (409, "reward_unavailable")),
        ({"reward": 0}, (400, "invalid")),
        ({"until": "yesterday"}, (400, "invalid")),
        ({"unit": "points"}, (400, "invalid")),
        ({"more": 1}, (400, "unknown_field")),
    ],
)
def test_what_cannot_be_held_is_refused(till, rich, body, refusal):
    assert said(till.once(f"cards/{rich.serial}/hold/", body)) == refusal
    assert balances(rich) == {"points": 100}


def test_a_deadline_that_is_past_is_refused(till, rich):
    cake = rich.program.rewards.get(name="A piece of cake")
    body = {"reward": cake.pk, "until": "2020-01-01T00:00:00Z"}

    assert said(till.once(f"cards/{rich.serial}/hold/", body)) == (400, "invalid")
    assert balances(rich) == {"points": 100}


def test_unknown_claims_are_unknown(till, claim, rich):
    rich.status = "blocked"
    rich.save()

    assert said(till.once(f"claims/{claim.pk}/capture/")) == (404, "not_found")
    assert said(till.once(f"claims/{claim.pk + 1}/void/")) == (404, "not_found")
