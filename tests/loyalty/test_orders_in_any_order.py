"""Whatever order the news of an order comes in, and however often, it ends the same."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from loyalty import cards, customers, orders
from loyalty.causes import Cause
from loyalty.customers import Details, Who
from loyalty.ledger.audit import broken
from loyalty.models import Event, Order
from loyalty.models.mechanics import Mechanics
from loyalty.orders import OrderData
from loyalty.programs.reward import RewardProgram
from loyalty.programs.stamp import StampProgram
from tests.cast import balances

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
SHOP = Cause("webhook:1")
KEYS = ("shop:1", "shop:2")


def order(key: str, status: str, total_cents: int, minutes: int) -> None:
    data = OrderData(
        key=key,
        status=status,
        customer=Who(email="dora@example.com"),
        currency="USD",
        total_cents=total_cents,
        updated_at=NOW + timedelta(minutes=minutes),
    )
    orders.record(data, cause=SHOP, now=NOW)


def refunded(key: str, refund_key: str, amount_cents: int) -> None:
    orders.refund(key, refund_key, amount_cents, cause=SHOP, now=NOW)


NEWS = {
    "pending": lambda key: order(key, "pending", 9_999, 0),
    "paid": lambda key: order(key, "paid", 9_999, 1),
    "updated": lambda key: order(key, "paid", 8_765, 2),
    "part refund": lambda key: refunded(key, "r1", 1_234),
    "refund": lambda key: refunded(key, "r2", 2_345),
    "cancelled": lambda key: order(key, "cancelled", 8_765, 3),
}
LIVING = sorted(set(NEWS) - {"cancelled"})

some_news = st.lists(st.tuples(st.sampled_from(sorted(NEWS)), st.sampled_from(KEYS)), max_size=8)


def in_any_order(kinds: list[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
    """All of that news of both orders, with repeats, shuffled."""
    all_of_it = [(kind, key) for kind in kinds for key in KEYS]
    again = st.lists(st.sampled_from(all_of_it), max_size=6)
    return again.flatmap(lambda more: st.permutations(all_of_it + more))


class InAnyOrderTest(TestCase):
    def setup_example(self) -> None:
        super().setup_example()
        dora, _made = customers.join(Details(email="dora@example.com"), cause=SHOP, now=NOW)
        points = RewardProgram.objects.create(
            slug="points", name="Points", mechanics=Mechanics.SPEND, earn_amount=3
        )
        stamps = StampProgram.objects.create(
            slug="stamps",
            name="Stamps",
            mechanics=Mechanics.SPEND,
            earn_per_cents=700,
            stamps_per_reward=100,
        )
        self.points, _made = cards.issue(points, dora, cause=SHOP, now=NOW)
        self.stamps, _made = cards.issue(stamps, dora, cause=SHOP, now=NOW)

    @settings(max_examples=25, deadline=None)
    @given(in_any_order(LIVING))
    def test_it_ends_at_the_points_of_the_net(self, news: list[tuple[str, str]]) -> None:
        for kind, key in news:
            NEWS[kind](key)

        net = 8_765 - 1_234 - 2_345
        assert balances(self.points) == {"points": 2 * (net * 3 // 100)}
        assert balances(self.stamps) == {"stamps": 2 * net // 700, "rewards": 0}
        self.stamps.refresh_from_db()
        assert self.stamps.remainder_cents == 2 * net % 700
        assert Event.objects.filter(name="order_paid").count() == 2
        assert broken(NOW) == []

    @settings(max_examples=15, deadline=None)
    @given(in_any_order(sorted(NEWS)))
    def test_a_cancelled_order_ends_with_nothing(self, news: list[tuple[str, str]]) -> None:
        for kind, key in news:
            NEWS[kind](key)

        assert balances(self.points) == {"points": 0}
        assert balances(self.stamps) == {"stamps": 0, "rewards": 0}
        assert set(Order.objects.values_list("status", flat=True)) == {"cancelled"}
        assert broken(NOW) == []

    @settings(max_examples=25, deadline=None)
    @given(some_news)
    def test_at_every_moment_a_card_holds_what_the_orders_give(
        self, news: list[tuple[str, str]]
    ) -> None:
        for kind, key in news:
            NEWS[kind](key)

            nets = [row.net_cents for row in Order.objects.all()]
            assert balances(self.points)["points"] == sum(net * 3 // 100 for net in nets)
            assert balances(self.stamps)["stamps"] == sum(nets) // 700


@pytest.mark.django_db
def test_an_order_told_by_the_api_ends_the_same(aurora_card, now):
    """Without `updated_at` the last arrival counts, and refunds only grow."""

    def say(**said: object) -> None:
        who = Who(email="dora@example.com")
        data = OrderData(key="api:1", customer=who, total_cents=10_000, **said)  # type: ignore[arg-type]
        orders.record(data, cause=SHOP, now=now)

    for refunds in (0, 2_000, 5_000, 2_000, 0):
        say(status="paid", refunded_cents=refunds)

    assert balances(aurora_card) == {"points": 50}
