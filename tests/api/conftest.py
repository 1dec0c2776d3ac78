"""The programs that call us: a scanner at the counter, a shop's back office, and narrower ones."""

from collections.abc import Callable
from datetime import datetime

import pytest

from loyalty import tokens
from loyalty.models import Card, Location
from loyalty.models.token import SCOPES
from tests.api.caller import Caller

NewCaller = Callable[..., Caller]


@pytest.fixture
def caller(location: Location, now: datetime) -> NewCaller:
    """Makes a caller whose token has these scopes."""

    def make(*scopes: str) -> Caller:
        token, plain = tokens.make_token(" ".join(scopes), scopes, location, now=now)
        return Caller(token, plain)

    return make


@pytest.fixture
def till(caller: NewCaller) -> Caller:
    """The scanner at the counter."""
    return caller("scanner")


@pytest.fixture
def office(caller: NewCaller) -> Caller:
    """May do everything."""
    return caller(*SCOPES)


@pytest.fixture
def stranger(db: None) -> Caller:
    """Has no token."""
    return Caller()


@pytest.fixture
def full_card(till: Caller, coffee_card: Card) -> Card:
    """Twelve stamps: a reward, and two in the next row."""
    till.once(f"cards/{coffee_card.serial}/accrue/", {"amount": 12})
    return coffee_card
