from datetime import timedelta

import pytest

from loyalty import tokens
from loyalty.errors import Invalid
from loyalty.models import ApiToken

pytestmark = pytest.mark.django_db


def test_a_token_is_found_by_its_text_and_kept_as_a_hash(location, now):
    token, plain = tokens.make_token("Till", ["scanner"], location, now=now)

    assert tokens.find(plain, now=now) == token
    assert token.location == location
    assert token.allows("scanner")
    assert not token.allows("adjust")
    row = ApiToken.objects.values().get()
    assert plain not in str(row)
    assert plain.startswith(row["prefix"])


@pytest.mark.parametrize("text", ["", "reg_unknown", "\x00", "\ud800"])
def test_an_unknown_text_is_no_token(text, now):
    assert tokens.find(text, now=now) is None


def test_a_revoked_token_opens_nothing(now):
    token, plain = tokens.make_token("Till", ["scanner"], now=now)

    tokens.revoke(token, now=now)
    tokens.revoke(token, now=now + timedelta(days=1))

    assert tokens.find(plain, now=now) is None
    token.refresh_from_db()
    assert token.revoked_at == now
    assert not token.allows("scanner")


def test_a_text_from_elsewhere_is_the_same_token_each_time(now):
    first, plain = tokens.make_token("Demo", ["scanner"], plain="derived", now=now)
    second, again = tokens.make_token("Demo 2", ["events"], plain="derived", now=now)

    assert first == second
    assert plain == again == "derived"
    assert second.scopes == ["scanner"]


def test_its_last_use_is_noted_once_a_minute(now):
    _token, plain = tokens.make_token("Till", ["scanner"], now=now)

    for seconds in (0, 59, 61):
        tokens.find(plain, now=now + timedelta(seconds=seconds))

    assert ApiToken.objects.get().last_used_at == now + timedelta(seconds=61)


@pytest.mark.parametrize(("name", "scopes"), [("", ["scanner"]), ("T", []), ("T", ["everything"])])
def test_a_token_without_a_name_or_a_known_scope_is_refused(name, scopes, now):
    with pytest.raises(Invalid):
        tokens.make_token(name, scopes, now=now)

    assert not ApiToken.objects.exists()
