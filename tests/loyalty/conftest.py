"""The cards that ledger tests are about."""

from importlib import import_module

import pytest
from django.db import connection

from loyalty.models import (
    Card,
    Program,
)


@pytest.fixture
def stamps(coffee_card: Card) -> Card:
    return coffee_card


@pytest.fixture
def points(aurora_card: Card) -> Card:
    return aurora_card


@pytest.fixture
def short_lived(points: Card) -> Card:
    Program.objects.filter(pk=points.program_id).update(lot_life_days=30)
    return points


@pytest.fixture
def ledger_guarded() -> None:
    """Tests that empty tables take the delete triggers away on SQLite; put one set back."""
    if connection.vendor == "sqlite":
        migration = import_module("loyalty.migrations.0002_ledger_rows_stay")
        with connection.cursor() as cursor:
            for name, table, verb in migration.rules():
                if verb == "DELETE":
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                    cursor.execute(migration.trigger("sqlite", name, table, verb))
