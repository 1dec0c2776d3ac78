"""Whatever is bought, given back and waited for: the ladder agrees with a small model of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty import tiers
from loyalty.customers import Who
from loyalty.models import Business, Customer, Event, Tier
from tests.cast import BY_STAFF, person
from tests.loyalty.climber import Climber
from tests.loyalty.ladders import THRESHOLDS, ladder, look, standing, tier_of
from tests.loyalty.shop import paid, record

START = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
SOON = timedelta(minutes=3)
SLUGS = [None, *THRESHOLDS]

RULES = st.fixed_dictionaries(
    {
        "window": st.sampled_from(["all", "months", "year"]),
        "window_months": st.sampled_from([3, 6, 12]),
        "climb": st.sampled_from(["jump", "step"]),
        "downgrade": st.sampled_from(["none", "review", "at_once"]),
        "drop": st.sampled_from(["deserved", "one"]),
        "review": st.sampled_from(["months", "yearly"]),
        "review_months": st.sampled_from([1, 6]),
        "review_month": st.sampled_from([1, 7]),
        "grace_days": st.sampled_from([0, 20]),
        "refund_drops": st.booleans(),
    }
)
AMOUNTS = st.sampled_from([2_000, 9_999, 10_000, 20_000, 30_000, 65_000])
MOVES = st.one_of(
    st.tuples(st.just("buy"), AMOUNTS),
    st.tuples(st.just("refund"), AMOUNTS),
    st.tuples(st.just("cancel"), st.just(0)),
    st.tuples(st.just("pin"), st.integers(0, 3)),
    st.tuples(st.just("wait"), st.just(0)),
)
DAYS = st.sampled_from([0, 0, 1, 20, 45, 170, 366])


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rules=RULES, moves=st.lists(st.tuples(DAYS, MOVES), min_size=1, max_size=9))
def test_the_ladder_agrees_with_the_model(rules, moves):
    Business.objects.get_or_create(pk=1, defaults={"currency": "USD"})
    Customer.objects.update(erased_at=START)  # those of the examples before
    ladder(START, **rules)
    dora = person(START, email=f"dora{Customer.objects.count()}@example.com")
    model = Climber(rules, tuple(THRESHOLDS.values()))
    now = START
    for n, (days, (verb, amount)) in enumerate(moves):
        now += timedelta(days=days, seconds=n)
        model.look(now)
        look(now)
        went_back = _do(dora, model, verb, amount, f"{dora.pk}:{n}", now)
        for moment in (now, now + SOON):
            model.look(moment, money_went_back=went_back)
            look(moment)

        assert tier_of(dora) == SLUGS[model.level]
        told = [(SLUGS[old], SLUGS[new]) for old, new in model.told]
        assert [(each.data["before"], each.data["after"]) for each in _news(dora)] == told
        if model.level or model.pinned_until:
            assert standing(dora).next_review_at == model.review_at


def _news(dora: Customer) -> QuerySet[Event]:
    return Event.objects.filter(customer=dora, name="tier_changed").order_by("pk")


def _do(dora: Customer, model: Climber, verb: str, amount: int, key: str, now: datetime) -> bool:
    """In the shop and in the model; says whether money went back."""
    bought = next(reversed(model.orders), None)
    match verb:
        case "buy":
            paid(now, amount, key=key, customer=Who(id=dora.pk), placed_at=now)
            model.orders[key] = now, amount
        case "refund" if bought:
            at, net = model.orders[bought]
            total = record(now, key=bought, customer=Who(id=dora.pk))[0].total_cents
            back = min(total, total - net + amount)
            record(now, key=bought, customer=Who(id=dora.pk), refunded_cents=back)
            model.orders[bought] = at, total - back
            return net > total - back
        case "cancel" if bought:
            record(now, key=bought, customer=Who(id=dora.pk), status="cancelled")
            del model.orders[bought]
            return True
        case "pin":
            until = now + timedelta(days=30)
            tier = Tier.objects.get(slug=SLUGS[amount]) if amount else None
            tiers.assign(dora, tier, until=until, cause=BY_STAFF, now=now)
            model.pin(amount, until, now)
    return False
