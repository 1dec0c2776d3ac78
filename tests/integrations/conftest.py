"""A shop with a points program, and two systems that are connected to it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from integrations import connections
from integrations.models import Connection
from loyalty.models import Program
from loyalty.models.mechanics import Mechanics
from loyalty.programs.reward import RewardProgram
from tests.integrations import shop

SHARED = Path(__file__).resolve().parents[3] / "shared" / "integrations" / "payloads"


@pytest.fixture
def aurora(db: None) -> Program:
    """One point for each 1.00 of an order; whoever orders gets the card."""
    return RewardProgram.objects.create(
        slug="aurora",
        name="Aurora",
        currency="USD",
        mechanics=Mechanics.SPEND,
        earn_amount=1,
        earn_per_cents=100,
        issue_on_order=True,
    )


@pytest.fixture
def shopify(db: None) -> Connection:
    return connections.make("shopify", "Web shop", {"secret": shop.SECRET})


@pytest.fixture
def inbound(db: None) -> Connection:
    return connections.make("inbound", "Booking script", {"secret": shop.SECRET})


@pytest.fixture
def payload() -> Callable[[str], Any]:
    """What platforms really sent, as JSON. It belongs to them, so it is not in this repository."""

    def read(name: str) -> Any:
        if not (SHARED / name).exists():
            pytest.skip(f"The collected payloads are not here: {SHARED / name}")
        return json.loads((SHARED / name).read_text())

    return read
