"""Staff's pages for what a shop sets up once: programs, the business, tokens."""

import pytest

from loyalty import tokens
from loyalty.models import Business, Reward
from loyalty.programs.reward import RewardProgram
from loyalty.programs.stamp import StampProgram
from tests.loyalty import programs
from tests.loyalty.staff import errors, page, seen

pytestmark = pytest.mark.django_db


def test_a_program_is_added_by_its_type(admin_client, business):
    types = seen(admin_client.get(page("program_add")))
    assert "stamp card" in types.lower()
    assert "reward card" in types.lower()

    said = {
        "name": "Tea", "slug": "tea", "color": "#112233", "is_active": "on", "mechanics": "hand",
        "earn_amount": 1, "earn_per_cents": "1.00", "currency": "USD", "lot_life_days": "",
        "stamps_per_reward": 8, "cap_period": "day", "pending_days": 0, "claim_hours": 24,
        "rewards-TOTAL_FORMS": 0, "rewards-INITIAL_FORMS": 0,
        "happy_hours-TOTAL_FORMS": 0, "happy_hours-INITIAL_FORMS": 0,
    }  # fmt: skip
    answer = admin_client.post(page("stampprogram_add"), said)

    assert answer.status_code == 302
    assert StampProgram.objects.get().stamps_per_reward == 8
    assert StampProgram.history.count() == 1


def test_a_program_shows_what_its_type_has(aurora, admin_client):
    shown = {"reward": seen(admin_client.get(page("rewardprogram_change", aurora.pk)))}
    for kind in ("cashback", "membership", "gift", "coupon"):
        name = f"{type(programs.make(kind)).__name__.lower()}_add"
        shown[kind] = seen(admin_client.get(page(name)))
    parts = ("rewards", "rates", "plans", "happy_hours")

    found = {
        kind: [part for part in parts if f"{part}-TOTAL_FORMS" in text]
        for kind, text in shown.items()
    }

    assert "A piece of cake" in shown["reward"]
    assert found == {
        "reward": ["rewards", "happy_hours"],
        "cashback": ["rates", "happy_hours"],
        "membership": ["plans"],
        "gift": [],
        "coupon": [],
    }


def test_what_a_program_was_before_is_kept(aurora, admin_client):
    rewards = list(Reward.objects.order_by("pk"))
    rows = {
        f"rewards-{n}-{field}": value
        for n, reward in enumerate(rewards)
        for field, value in {
            "id": reward.pk, "program": aurora.pk, "name": reward.name,
            "price": reward.price, "is_active": "on", "kind": "gift",
        }.items()
    }  # fmt: skip
    said = {
        "name": "Northern lights", "color": "#112233", "is_active": "on", "mechanics": "spend",
        "earn_amount": 2, "earn_per_cents": "1.00", "currency": "USD", "lot_life_days": "",
        "cap_period": "day", "pending_days": 0, "claim_hours": 24,
        "rewards-TOTAL_FORMS": len(rewards), "rewards-INITIAL_FORMS": len(rewards),
        "happy_hours-TOTAL_FORMS": 0, "happy_hours-INITIAL_FORMS": 0,
    }  # fmt: skip

    answer = admin_client.post(page("rewardprogram_change", aurora.pk), said | rows)

    assert answer.status_code == 302, errors(answer)
    names = RewardProgram.history.filter(id=aurora.pk).values_list("name", flat=True)
    assert list(names) == ["Northern lights", "Aurora points"]
    assert seen(admin_client.get(page("rewardprogram_history", aurora.pk)))


def test_the_business_is_there_before_anybody_saved_it(admin_client, db):
    admin_client.get(page("business_changelist"), follow=True)
    said = {"name": "Café Aurora", "time_zone": "Europe/Zurich", "currency": "CHF", "address": ""}

    admin_client.post(page("business_change", 1), said)

    assert Business.get().currency == "CHF"
    assert Business.objects.count() == 1


def test_a_token_is_shown_once(admin_client, location, now):
    said = {"name": "Till", "scopes": ["scanner"], "location": location.pk}

    answer = admin_client.post(page("apitoken_add"), said)

    plain = answer.context["plain"]
    assert plain in seen(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    token = tokens.find(plain, now=now)
    assert token is not None
    assert plain not in seen(admin_client.get(page("apitoken_change", token.pk)))


def test_a_token_is_revoked_and_never_deleted(admin_client, now):
    token, plain = tokens.make_token("Till", ["scanner"], now=now)

    admin_client.post(
        page("apitoken_changelist"), {"action": "revoke", "_selected_action": [token.pk]}
    )

    assert tokens.find(plain, now=now) is None
    assert admin_client.post(page("apitoken_delete", token.pk), {"post": "y"}).status_code == 403


def test_what_a_token_opens_is_listed_in_words(admin_client, now):
    tokens.make_token("Till", ["scanner", "adjust"], now=now)

    assert ">scanner, adjust<" in seen(admin_client.get(page("apitoken_changelist")))


def test_an_empty_list_says_whether_there_is_nothing_or_nothing_that_matches(admin_client):
    empty = "None has come yet."
    assert empty in seen(admin_client.get(page("order_changelist")))

    for asked in ({"q": "4711"}, {"status__exact": "paid"}):
        found = seen(admin_client.get(page("order_changelist"), asked))
        assert "Nothing matches" in found
        assert empty not in found
