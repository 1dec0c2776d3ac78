"""A device is paired with a code that works once, for ten minutes."""

from datetime import timedelta

import pytest

from loyalty import pairings, tokens
from loyalty.errors import Invalid, NotFound
from loyalty.models import ApiToken, Pairing


def test_a_code_turns_into_a_token_once(location, now):
    pairing, code = pairings.offer("Phone at the bar", location, now=now)

    token, plain = pairings.claim(code, now=now)

    assert tokens.find(plain, now=now) == token
    assert (token.name, token.location, token.scopes) == ("Phone at the bar", location, ["scanner"])
    pairing.refresh_from_db()
    assert pairing.token == token
    with pytest.raises(NotFound):
        pairings.claim(code, now=now)
    assert ApiToken.objects.count() == 1


def test_a_kiosk_may_be_a_kiosk_and_nothing_else(location, now):
    _pairing, code = pairings.offer("Door", location, is_kiosk=True, kiosk_minutes=5, now=now)

    token, _plain = pairings.claim(code, now=now)

    assert token.scopes == ["kiosk"]
    assert token.rest == timedelta(minutes=5)


def test_a_code_is_kept_as_a_hash_and_read_as_people_type(location, now):
    _pairing, code = pairings.offer("Phone", location, now=now)

    assert code not in str(Pairing.objects.values().get())
    token, _plain = pairings.claim(f" {pairings.shown(code).lower()} ", now=now)
    assert token.name == "Phone"


def test_a_code_is_good_for_ten_minutes(location, now):
    _pairing, code = pairings.offer("Phone", location, now=now)

    with pytest.raises(NotFound):
        pairings.claim(code, now=now + pairings.LIFE)

    assert not ApiToken.objects.exists()
    pairings.offer("Another", location, now=now + 2 * pairings.LIFE)
    assert [pairing.name for pairing in Pairing.objects.all()] == ["Another"]


def test_a_device_needs_a_name(location, now):
    with pytest.raises(Invalid):
        pairings.offer(" ", location, now=now)

    assert not Pairing.objects.exists()
