"""The cards that ledger tests are about."""

from datetime import datetime

import pytest
from django.db import connection

from loyalty import cards
from loyalty.migrations import _rows_stay
from loyalty.models import Business, Card, Customer, Program
from tests.cast import BY_STAFF, give
from tests.loyalty import programs
from tests.loyalty.till import NewCard


@pytest.fixture
def stamps(coffee_card: Card) -> Card:
    return coffee_card


@pytest.fixture
def points(aurora_card: Card) -> Card:
    return aurora_card


@pytest.fixture
def rich(points: Card, now: datetime) -> Card:
    """With a hundred points."""
    give(points, 100, "a start", now)
    return points


@pytest.fixture
def short_lived(points: Card) -> Card:
    Program.objects.filter(pk=points.program_id).update(lot_life_days=30)
    return points


@pytest.fixture
def ledger_guarded() -> None:
    """Tests that empty tables take the delete triggers away on SQLite; put one set back."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name, table, verb in _rows_stay.rules():
                if verb == "DELETE":
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                    cursor.execute(_rows_stay.trigger("sqlite", name, table, verb))


@pytest.fixture
def new_card(business: Business, dora: Customer, now: datetime) -> NewCard:
    """Makes Dora a card of a new program of that kind (tests/loyalty/programs.py)."""

    def make(kind: str) -> Card:
        opening = programs.OPENINGS.get(kind)
        return cards.issue(programs.make(kind), dora, cause=BY_STAFF, now=now, opening=opening)[0]

    return make
