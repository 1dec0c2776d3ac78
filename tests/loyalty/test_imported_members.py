"""What a shop brings from another product beside balances: plans, tiers, since when."""

from datetime import UTC, datetime

import pytest

from loyalty import exports, imports, memberships
from loyalty.models import Card, Customer, Event, Plan, Standing
from loyalty.programs.membership import MembershipProgram
from tests.cast import balances
from tests.loyalty.files import csv_of, imported, laid_out, problems, sent, worked
from tests.loyalty.ladders import ladder

pytestmark = pytest.mark.django_db


@pytest.fixture
def club(business):
    """Gold by the month or the year, both with eight visits, and Free without a limit."""
    club = MembershipProgram.objects.create(slug="club", name="Club", renews_by_itself=True)
    Plan.objects.create(program=club, name="Free", period="month")
    for period in ("month", "year"):
        Plan.objects.create(program=club, name="Gold", period=period, visits=8, level=2)
    return club


def held(email: str) -> tuple[str, datetime | None, dict[str, int]]:
    card = Card.objects.select_related("plan").get(customer__email=email)
    return str(card.plan), card.expires_at, balances(card)


def tiers_of() -> dict[str, str]:
    return dict(Standing.objects.values_list("customer__email", "tier__slug"))


def test_a_membership_goes_on_as_it_was_paid_for(club, now):
    file = csv_of(
        ["Email", "Abo", "Laufzeit", "Mitglied bis", "Restbesuche"],
        ["mia@example.com", "gold", "jährlich", "31.12.2026", 3],
        ["noa@example.com", "Gold, Month", "", "", ""],
        ["ben@example.com", "Free", "", "15.3.2026", 5],
    )

    done = imported(file, now, program=club)

    assert done.refused == 0
    year_over = datetime(2027, 1, 1, 5, tzinfo=UTC)
    month_over = datetime(2026, 4, 3, 9, tzinfo=UTC)
    middle = datetime(2026, 3, 16, 4, tzinfo=UTC)
    assert held("mia@example.com") == ("Gold, Year", year_over, {"visits": 3})
    assert held("noa@example.com") == ("Gold, Month", month_over, {"visits": 8})
    assert held("ben@example.com") == ("Free, Month", middle, {"visits": 5})


def test_what_came_from_elsewhere_renews_by_itself(club, now):
    imported(
        csv_of(["email", "plan", "valid until"], ["mia@example.com", "Gold, Year", "2026-03-31"]),
        now,
        program=club,
    )
    over = datetime(2026, 4, 1, 4, tzinfo=UTC)
    assert held("mia@example.com")[1] == over

    assert memberships.renew_ending(10, now=over) == 1

    assert held("mia@example.com")[1] == datetime(2027, 4, 1, 4, tzinfo=UTC)


def test_a_plan_is_one_of_the_programs(club, coffee, now):
    file = csv_of(
        ["email", "program", "plan"],
        ["mia@example.com", "club", "Gold"],
        ["noa@example.com", "club", "Silver"],
        ["ben@example.com", "coffee", "Gold"],
        ["eva@example.com", "", "Gold"],
    )

    done = imported(file, now)

    assert problems(done) == {
        2: "“Club” has several plans of this name: say the period as well.",
        3: "“Club” has no such plan.",
        4: "Only cards of a membership have a plan.",
        5: "Only cards of a membership have a plan.",
    }
    assert not Card.objects.exists()


def test_tiers_come_along(business, now):
    ladder(now)
    file = csv_of(
        ["email", "VIP-Stufe", "Stufe bis"],
        ["mia@example.com", "gold", "31.12.2026"],
        ["noa@example.com", "Silver", ""],
        ["ben@example.com", "Platinum", ""],
        ["eva@example.com", "Gold", "1.1.2020"],
    )

    done = imported(file, now)

    assert tiers_of() == {"mia@example.com": "gold", "noa@example.com": "silver"}
    mia = Standing.objects.get(customer__email="mia@example.com")
    assert mia.locked_until == datetime(2027, 1, 1, 5, tzinfo=UTC)
    assert problems(done) == {
        4: "VIP-Stufe: There is no such tier.",
        5: "The last day on that tier is over.",
    }
    assert not Event.objects.filter(entered_at=None).exists()


def test_a_tier_that_is_there_stays_unless_the_file_is_to_replace_it(business, now):
    ladder(now)
    imported(csv_of(["email", "tier"], ["mia@example.com", "Silver"]), now)
    gold = csv_of(["email", "tier"], ["mia@example.com", "Gold"])

    imported(gold, now)
    assert tiers_of() == {"mia@example.com": "silver"}
    imported(gold, now, existing="replace")
    assert tiers_of() == {"mia@example.com": "gold"}


def test_where_there_are_no_tiers_and_plans_no_column_means_one(coffee, now):
    source = sent(csv_of(["email", "level", "plan"], ["mia@example.com", "3", "x"]), now)

    assert source.layout["columns"] == ["email", "", ""]


def test_since_when_somebody_is_a_customer_comes_along(business, now):
    file = csv_of(
        ["E-Mail", "Kunde seit"], ["mia@example.com", "5.11.2019"], ["noa@example.com", "4.3.2026"]
    )

    done = imported(file, now)

    assert Customer.objects.get().created_at == datetime(2019, 11, 5, 5, tzinfo=UTC)
    assert problems(done) == {3: "Kunde seit: This day has not come yet."}


def test_attributes_come_back_as_they_left(business, now):
    file = csv_of(
        ["email", "attributes", "Shoe size"],
        ["mia@example.com", '{"vip": true, "Shoe size": 38}', "39"],
        ["noa@example.com", "[1]", ""],
    )
    source = sent(file, now)

    laid_out(source, now, columns=["email", "attributes", "attribute"])
    done = worked(imports.start(source, now=now), now)

    assert Customer.objects.get().attributes == {"vip": True, "Shoe size": "39"}
    assert problems(done) == {3: "attributes: This is no JSON object."}


def test_memberships_leave_as_they_come_back(club, now):
    imported(
        csv_of(
            ["email", "plan", "period", "valid until", "visits"],
            ["mia@example.com", "Gold", "year", "2026-12-31", 3],
        ),
        now,
        program=club,
    )

    mia = Customer.objects.get()
    source, _new = exports.begin([mia.pk], table="cards", kind="csv", actor="t", now=now)
    exports.work(source.pk, now=now)
    source.refresh_from_db()
    file = b"".join(exports.file_of(source, now=now).pieces)

    Card.objects.all().update(status="deleted")
    done = imported(file.replace(b"Card number", b"Old number"), now)
    assert done.refused == 0
    card = Card.objects.active().select_related("plan").get()
    assert (str(card.plan), balances(card)) == ("Gold, Year", {"visits": 3})
    assert card.expires_at == datetime(2027, 1, 1, 5, tzinfo=UTC)
