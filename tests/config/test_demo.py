"""The demo business: built once, believable, and never changed back."""

import json
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import TestCase, override_settings

from automations import lint, publishing
from automations.engine import pump
from automations.models import Automation, Journey
from integrations.models import Connection
from loyalty import clock, customers, tokens
from loyalty.causes import Cause
from loyalty.ledger import audit
from loyalty.models import (
    Account,
    ApiToken,
    Business,
    Card,
    Customer,
    Event,
    Location,
    Operation,
    Order,
    Program,
)
from loyalty.programs.reward import RewardProgram
from loyalty.programs.stamp import StampProgram
from loyalty.secrets import digest
from messaging.models import Sender

STAFF = Cause("staff:1")


def demo(*words: str) -> str:
    out = StringIO()
    call_command("demo", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


def token(plain: str) -> ApiToken:
    return ApiToken.objects.get(digest=digest(plain))


@pytest.fixture(scope="module")
def _built(django_db_setup, django_db_blocker):
    """Built once for all tests here, each of which forgets what it did to it."""
    with django_db_blocker.unblock(), override_settings(DEBUG=True):
        atomics = TestCase._enter_atomics()  # type: ignore[attr-defined]
        demo()
        yield
        TestCase._rollback_atomics(atomics)  # type: ignore[attr-defined]


@pytest.fixture
def told(_built, db, settings):
    """What `demo --json` says."""
    settings.DEBUG = True
    return json.loads(demo("--json"))


# --- What is there --------------------------------------------------------------------------------


def test_it_tells_everything_that_is_needed_to_begin(told):
    assert told["admin"].keys() == {"username", "password"}
    assert told["base_url"] == "http://127.0.0.1:8000"
    assert told["programs"] == {program.slug: program.pk for program in Program.objects.all()}
    assert {"coffee", "aurora"} <= told["programs"].keys()
    types = {program.type for program in Program.objects.all()}
    assert types == {kind.type for kind in Program.__subclasses__()}
    assert len(told["customers"]) == 40
    for name in ("shopify", "inbound"):
        hook = told["hooks"][name]
        assert hook.keys() == {"url", "secret"}
        assert hook["url"].startswith(f"http://127.0.0.1:8000/hooks/{name}/")


def test_the_shop_is_cafe_aurora(told):
    assert str(Business.get()) == "Café Aurora"
    assert Business.get().currency == "USD"
    assert set(Location.objects.values_list("slug", flat=True)) == {"harbour", "old-town"}
    coffee = StampProgram.objects.get(slug="coffee")
    aurora = RewardProgram.objects.get(slug="aurora")
    assert (coffee.type, coffee.mechanics, coffee.stamps_per_reward) == ("stamp", "hand", 10)
    assert (aurora.type, aurora.mechanics, aurora.issue_on_order) == ("reward", "spend", True)
    assert (aurora.earn_amount, aurora.earn_per_cents) == (1, 100)
    assert Sender.objects.get(is_default=True).provider == "outbox"


def test_the_first_customer_is_ready_for_the_first_hour(told):
    first = told["customers"][0]
    customer = Customer.objects.get(pk=first["id"])

    held = {
        card["program"]: dict(
            Account.objects.filter(card__serial=card["serial"]).values_list("unit", "balance")
        )
        for card in first["cards"]
    }

    assert held == {"coffee": {"stamps": 0, "rewards": 0}, "aurora": {"points": 0}}
    assert customer.consents_to("email")
    assert customer.language == "en"
    assert not customer.journeys.exists()


def test_the_others_have_a_believable_past(told):
    assert Customer.objects.count() == 40
    assert Operation.objects.exclude(kind="issue").count() > 300
    assert {"accrue", "redeem"} <= set(Operation.objects.values_list("kind", flat=True))
    assert Order.objects.filter(platform="shopify").exists()
    assert Account.objects.filter(unit="rewards", balance__gt=0).exists()
    latest = max(Operation.objects.values_list("at", flat=True))
    assert latest < clock.now()
    assert audit.broken(clock.now()) == []


def test_nothing_of_the_past_starts_a_journey(told):
    assert not Event.objects.filter(entered_at=None).exists()
    assert pump.due(clock.now()) == []
    assert not Journey.objects.exists()


def test_the_example_of_the_docs_can_be_imported_beside_it(told):
    page = (settings.BASE_DIR / "docs" / "automations.md").read_text()

    assert '"slug": "tenth-coffee"' in page
    assert not Automation.objects.filter(slug="tenth-coffee").exists()


def test_one_automation_works_and_the_drafts_could(told):
    automations = {each.slug: each for each in Automation.objects.all()}

    assert len(automations) == 3
    assert [slug for slug, each in automations.items() if each.is_working] == ["ten-stamps"]
    drafts = [each.draft for each in automations.values() if each.draft]
    assert [lint.problems(draft) for draft in drafts] == [[], []]


def test_its_doors_open(told, client):
    assert client.login(**told["admin"])
    scanner = token(told["scanner_token"])
    api = token(told["api_token"])
    assert scanner.scopes == ["scanner"]
    assert scanner.location == Location.objects.get(slug="harbour")
    assert set(api.scopes) == {"scanner", "kiosk", "adjust", "customers", "events", "automations"}


# --- Again ----------------------------------------------------------------------------------------


def test_every_run_tells_the_same_and_makes_nothing(told):
    tables = (Customer, Card, Operation, Event, ApiToken, Automation, Connection, User)
    before = [table.objects.count() for table in tables]

    assert json.loads(demo("--json")) == told
    assert [table.objects.count() for table in tables] == before


def test_what_staff_changed_stays_changed(told):
    Business.objects.update(name="Café Borealis")
    Program.objects.filter(slug="coffee").update(name="Tea card")
    publishing.delete_automation(Automation.objects.get(slug="welcome"), now=clock.now())
    Connection.objects.get(connector="inbound").delete()
    tokens.revoke(token(told["api_token"]), now=clock.now())
    mateo = Customer.objects.get(pk=told["customers"][1]["id"])
    customers.erase(mateo, cause=STAFF, now=clock.now())

    again = json.loads(demo("--json"))

    assert Business.get().name == "Café Borealis"
    assert Program.objects.get(slug="coffee").name == "Tea card"
    assert not Automation.objects.filter(slug="welcome").exists()
    assert set(again["hooks"]) == {"shopify"}
    assert tokens.find(told["api_token"], now=clock.now()) is None
    assert mateo.pk not in [customer["id"] for customer in again["customers"]]
    assert Customer.objects.count() == 40


def test_a_new_password_stays_and_the_print_says_so(told):
    admin = User.objects.get(username=told["admin"]["username"])
    admin.set_password("my own words")
    admin.save()

    said = demo()

    admin.refresh_from_db()
    assert admin.check_password("my own words")
    assert "the password you gave it" in said
    assert told["admin"]["password"] not in said


# --- What it prints for people --------------------------------------------------------------------


def test_people_get_three_lines_to_paste(told):
    said = demo()

    coffee = next(card for card in told["customers"][0]["cards"] if card["program"] == "coffee")
    for part in (
        "http://127.0.0.1:8000/admin/",
        f"admin / {told['admin']['password']}",
        "http://127.0.0.1:8000/outbox/",
        told["scanner_token"],
        told["api_token"],
        coffee["serial"],
        "Idempotency-Key",
        "/automations/ten-stamps/journeys/",
    ):
        assert part in said
    assert said.count("curl ") == 3
