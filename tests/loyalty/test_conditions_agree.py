"""The two readings of a condition, in Python and in SQL, give the same customers."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty import cards, conditions, habits, rfm, segments, tiers, totals
from loyalty.facts import Facts
from loyalty.models import Account, Business, Card, Customer, Order, Program
from tests.cast import BY_STAFF, give, person
from tests.loyalty import programs, till
from tests.loyalty.ladders import ladder
from tests.loyalty.postings import accrue

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
DAYS = st.integers(-40, 40).map(lambda days: NOW + timedelta(days=days))
WORDS = st.sampled_from(["en", "de", "Ann", "an", "ANN", "é", "%", "_", "true", "1", "a b", "🎂"])
NUMBERS = st.sampled_from([-1, 0, 1, 2, 3, 5, 10, 100, 150, 1990, 5000])
DAY_TEXTS = st.sampled_from(["2026-01-31", "2026-02-01", "2024-02-29"])
NO_DAYS = st.sampled_from(["2026-02-30", "0000-01-01", "2026-1-1", "now"])
ANYTHING = st.one_of(WORDS, NUMBERS, st.sampled_from([0.5, 1.0, 2.5]), st.booleans())
ATTRIBUTES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["shoe", "gt", "contains"]),
    st.one_of(
        ANYTHING,
        DAY_TEXTS,
        NO_DAYS,
        st.none(),
        st.just(""),
        st.lists(WORDS, max_size=2),
        st.just({}),
    ),
)

PEOPLE = st.fixed_dictionaries(
    {
        "first_name": st.one_of(st.just(""), WORDS),
        "last_name": st.one_of(st.just(""), WORDS),
        "language": st.one_of(st.just(""), WORDS),
        "birthday": st.none() | st.dates(date(1990, 1, 1), date(1990, 3, 1)),
        "created_at": DAYS,
        "tags": st.lists(WORDS, max_size=2, unique=True),
        "attributes": ATTRIBUTES,
        "consents": st.dictionaries(st.sampled_from(["email", "sms"]), st.booleans()),
    }
)


def leaves():
    def of(names, values, *operators):
        return st.tuples(st.sampled_from(names), st.sampled_from(operators), values).map(list)

    order = (">", ">=", "<", "<=")
    texts = ["customer.first_name", "customer.last_name", "customer.name", "customer.language"]
    ranks = ["customer.tier", "customer.tier_name"]
    numbers = [
        *("customer.points", "customer.orders_count", "customer.total_spent"),
        *("customer.visits_count", "customer.days_since_visit"),
        *("cards.coffee.stamps", "cards.coffee.rewards", "cards.aurora.points"),
        *("cards.multipass.visits", "cards.multipass.points"),
    ]
    attributes = [f"customer.attributes.{name}" for name in ("shoe", "gt", "contains")]
    moments = [
        "customer.last_visit_at",
        "customer.created_at",
        "cards.aurora.issued_at",
        "cards.aurora.expires_at",
    ]
    spans = st.tuples(NUMBERS, NUMBERS).map(sorted)
    return st.one_of(
        of(texts, WORDS, "=", "!=", "contains", "starts_with"),
        of(texts, st.lists(WORDS, min_size=1, max_size=3), "in"),
        of(ranks, st.sampled_from(["bronze", "Bronze", "silver", "br"]), "=", "!=", "contains"),
        of(
            [*texts, *ranks, *numbers, *attributes, *moments, "customer.tags"],
            st.booleans(),
            "exists",
        ),
        of(numbers, NUMBERS, "=", "!=", *order),
        of([*numbers, *attributes], spans, "between"),
        of(["customer.tags", *attributes], WORDS, "has", "has_not"),
        of(["customer.segments"], st.sampled_from(["english", "a"]), "has", "has_not"),
        of(["customer.segments", "customer.rfm"], st.booleans(), "exists"),
        of(["customer.rfm"], st.sampled_from(["beginners", "lost"]), "=", "!="),
        of(attributes, ANYTHING, "=", "!="),
        of(attributes, NUMBERS, *order),
        of(attributes, DAY_TEXTS, "=", "!=", *order),
        of(attributes, st.tuples(DAY_TEXTS, DAY_TEXTS).map(sorted), "between"),
        of(attributes, WORDS, "contains", "starts_with"),
        of(attributes, st.lists(ANYTHING, min_size=1, max_size=3), "in"),
        of(["customer.consent.email", "customer.consent.push"], st.booleans(), "=", "!="),
        of(moments, st.integers(0, 40), "within_days"),
        of(moments, DAYS.map(datetime.isoformat), *order),
        of(["customer.birthday"], st.just("1990-02-01"), "=", "!=", *order),
        of(["cards.aurora.status"], st.sampled_from(["active", "expired", "deleted"]), "=", "!="),
        of(["cards.aurora.number", "cards.coffee.serial"], WORDS, "=", "!=", "contains"),
        of(["cards.aurora.installed"], st.booleans(), "=", "!="),
    )


TREES = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        inner.map(lambda tree: {"not": tree}),
        st.lists(inner, min_size=1, max_size=3).map(lambda trees: {"all": trees}),
        st.lists(inner, min_size=1, max_size=3).map(lambda trees: {"any": trees}),
    ),
    max_leaves=4,
)


@pytest.fixture
def people(alice, bob, carol, dora, coffee_card, aurora_card, aurora: Program) -> list[int]:
    """With cards, without, with an expired one, with orders in two currencies, and one erased."""
    give(coffee_card, 23, "stamps", NOW)
    give(aurora_card, 5, "points", NOW)
    Card.objects.filter(pk=aurora_card.pk).update(expires_at=NOW - timedelta(days=3))
    Card.objects.filter(customer=alice, program=aurora).update(
        expires_at=NOW + timedelta(days=3), is_installed=True
    )
    for key, status, currency in (
        ("1", "paid", "USD"),
        ("2", "completed", "CHF"),
        ("3", "pending", "USD"),
    ):
        Order.objects.create(
            key=key, status=status, currency=currency, total_cents=1990, customer=alice
        )
    Order.objects.create(
        key="4", status="paid", currency="USD", total_cents=100, refunded_cents=150, customer=dora
    )
    passes = programs.make("multipass")
    for days, visits in ((2, 4), (1, 90)):  # several of one program: the newest is meant
        at = NOW - timedelta(days=days)
        card, _new = cards.issue(passes, alice, opening=visits, cause=BY_STAFF, now=at)
        accrue(card, 5 * days, f"points {days}", at, "points")
    ladder(NOW, {"bronze": 1_000, "silver": 9_000})
    person(NOW, first_name="Erin", email="erin@example.com", consent={"email": True})
    Customer.objects.filter(first_name="Erin").update(erased_at=NOW)
    for days in (40, 20, 20, 3):
        till.accrue(coffee_card, NOW - timedelta(days=days), amount=1)
    segments.make("english", "English", ["customer.language", "=", "en"], now=NOW)
    rfm.recount(now=NOW)
    return list(Customer.objects.order_by("pk").values_list("pk", flat=True))


def facts_of(customer: Customer) -> Facts:
    held = dict[tuple[int, str], int]()
    for account in Account.objects.filter(card__customer=customer):
        held[account.card_id, account.unit] = account.balance
    return Facts(
        customer=customer,
        now=NOW,
        cards=list(customer.cards.prefetch_related("program")),
        balance=lambda card, unit: held.get((card, unit), 0),
        totals=totals.of([customer.pk]).get(customer.pk, totals.NOTHING),
        habits=habits.OfMany([customer.pk]),
        tier=tiers.OfMany([customer.pk], NOW),
    )


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tree=TREES, details=st.lists(PEOPLE, min_size=5, max_size=5))
def test_python_and_sql_agree(people, tree, details):
    for pk, row in zip(people, details, strict=True):
        Customer.objects.filter(pk=pk).update(**row)
    node = conditions.parse(tree)

    in_sql = set(Customer.objects.filter(conditions.as_q(node, NOW)).values_list("pk", flat=True))

    in_python = {
        customer.pk
        for customer in Customer.objects.all()
        if conditions.holds(node, facts_of(customer))
    }
    assert in_sql == in_python


def test_totals_leave_out_other_currencies_and_orders_that_were_not_paid(people, alice, dora):
    found = totals.of([alice.pk, dora.pk])

    assert found[alice.pk] == totals.Totals(orders_count=2, total_spent=1990)
    assert found[dora.pk] == totals.Totals(orders_count=1, total_spent=0)
    assert Business.get().currency == "USD"
