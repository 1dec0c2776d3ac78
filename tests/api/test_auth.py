"""Who is let in."""

import pytest

from loyalty import tokens
from tests.api.caller import Caller, said

WRONG = {
    "nothing": "",
    "no token": "Bearer",
    "an unknown token": "Bearer reg_unknown",
    "two tokens": "Bearer one two",
    "another scheme": "Basic YTpi",
    "no scheme": "reg_unknown",
    "letters that are no ASCII": "Bearer ä",
    "a very long one": "Bearer " + "x" * 7_000,
}


@pytest.mark.parametrize("header", WRONG.values(), ids=WRONG.keys())
def test_without_a_valid_token_nobody_is_let_in(stranger, header):
    answer = stranger.send("GET", "customers/", Authorization=header)

    assert said(answer) == (401, "unauthenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_opens_nothing_at_once(till, coffee_card, now):
    before = till.get(f"cards/{coffee_card.serial}/")

    tokens.revoke(till.token, now=now)

    after = till.get(f"cards/{coffee_card.serial}/")
    assert before.status_code == 200
    assert said(after) == (401, "unauthenticated")


def test_revoked_and_unknown_tokens_get_the_same_answer(till, now):
    tokens.revoke(till.token, now=now)

    revoked, unknown = till.get("cards/x/"), Caller(plain="reg_unknown").get("cards/x/")

    assert revoked.content == unknown.content
    assert revoked.headers == unknown.headers


def test_a_staff_session_is_no_token(stranger, admin_user):
    stranger.client.force_login(admin_user)

    assert said(stranger.get("customers/")) == (401, "unauthenticated")


def test_the_word_bearer_may_be_spelt_in_small_letters(till, coffee_card):
    till.plain, plain = "", till.plain

    answer = till.send("GET", f"cards/{coffee_card.serial}/", Authorization=f"bearer {plain}")

    assert answer.status_code == 200


def test_the_token_notes_that_it_was_used(till, coffee_card):
    till.get(f"cards/{coffee_card.serial}/")

    till.token.refresh_from_db()
    assert till.token.last_used_at is not None
