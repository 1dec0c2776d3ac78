"""Who plays: the people and cards that tests are about. All of them made by the real verbs."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User

from loyalty import cards, customers, ledger
from loyalty.causes import Cause
from loyalty.customers import Details
from loyalty.models import Business, Card, Customer, Location, Program, Reward
from loyalty.models.mechanics import Mechanics
from loyalty.postings import Kind, Posting
from loyalty.programs.reward import RewardProgram
from loyalty.programs.stamp import StampProgram

BY_STAFF = Cause("staff:1")


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning."""
    return datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


# --- The shop -------------------------------------------------------------------------------------


@pytest.fixture
def business(db: None) -> Business:
    return Business.objects.create(
        pk=1, name="Café Aurora", time_zone="America/New_York", currency="USD"
    )


@pytest.fixture
def location(business: Business) -> Location:
    return Location.objects.create(name="Harbour", slug="harbour", time_zone="America/New_York")


@pytest.fixture
def coffee(business: Business) -> Program:
    """Ten stamps, typed by hand, are a coffee."""
    return StampProgram.objects.create(slug="coffee", name="Coffee card", stamps_per_reward=10)


@pytest.fixture
def aurora(business: Business) -> Program:
    """One point for each 1.00 spent; comes with a first order."""
    program = RewardProgram.objects.create(
        slug="aurora", name="Aurora points", mechanics=Mechanics.SPEND, issue_on_order=True
    )
    Reward.objects.create(program=program, name="A piece of cake", price=50)
    Reward.objects.create(program=program, name="Breakfast for two", price=150)
    return program


@pytest.fixture(scope="session")
def hashed_password() -> str:
    """Hashing takes longer than most tests, so it is done once."""
    return make_password("password")


@pytest.fixture
def admin_user(db: None, hashed_password: str) -> User:
    """Who runs the shop; signs in as "admin" with "password"."""
    return User.objects.create(
        username="admin", is_staff=True, is_superuser=True, password=hashed_password
    )


# --- The people -----------------------------------------------------------------------------------


def person(now: datetime, **details: object) -> Customer:
    return customers.join(Details(**details), cause=BY_STAFF, now=now)[0]  # type: ignore[arg-type]


@pytest.fixture
def alice(coffee: Program, aurora: Program, now: datetime) -> Customer:
    """Alice has both cards and 100 aurora points, and likes our emails."""
    alice = person(
        now,
        email="alice@example.com",
        phone="+41446681800",
        first_name="Alice",
        last_name="Arnold",
        language="en",
        consent={"email": True},
    )
    cards.issue(coffee, alice, cause=BY_STAFF, now=now)
    points_card, _made = cards.issue(aurora, alice, cause=BY_STAFF, now=now)
    give(points_card, 100, "alice's first points", now)
    return alice


@pytest.fixture
def bob(db: None, now: datetime) -> Customer:
    """Bob cannot be reached."""
    return person(now, first_name="Bob", last_name="Brown", external_id="bob")


@pytest.fixture
def carol(db: None, now: datetime) -> Customer:
    """Carol said yes to emails, and then no."""
    carol = person(
        now, email="carol@example.com", first_name="Carol", language="en", consent={"email": True}
    )
    return customers.set_consent(carol, "email", False, source="the shop", cause=BY_STAFF, now=now)


@pytest.fixture
def dora(db: None, now: datetime) -> Customer:
    """Dora is new; her cards, where a test asks for them, are empty."""
    return person(now, email="dora@example.com", first_name="Dora", consent={"email": True})


# --- The cards ------------------------------------------------------------------------------------


@pytest.fixture
def coffee_card(coffee: Program, dora: Customer, now: datetime) -> Card:
    """Dora's, with no stamps."""
    return cards.issue(coffee, dora, cause=BY_STAFF, now=now)[0]


@pytest.fixture
def aurora_card(aurora: Program, dora: Customer, now: datetime) -> Card:
    """Dora's, with no points."""
    return cards.issue(aurora, dora, cause=BY_STAFF, now=now)[0]


def give(card: Card, amount: int, key: str, now: datetime) -> None:
    """As staff do by hand, in what the card's program earns."""
    posting = Posting(
        card_id=card.pk,
        kind=Kind.ACCRUE,
        key=key,
        actor="staff:1",
        cause=BY_STAFF,
        unit=card.program.earns,
        amount=amount,
    )
    ledger.post(posting, now=now)


def card_of(customer: Customer, program: Program) -> Card:
    return customer.cards.get(program=program)


def balances(card: Card) -> dict[str, int]:
    """What the card holds, by unit."""
    return dict(card.accounts.values_list("unit", "balance"))
