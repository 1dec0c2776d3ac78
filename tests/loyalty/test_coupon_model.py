"""Codes against a tiny model of their own: whatever is done to them, both say the same.

The model knows no rows: a code is a word for its state, whose it is, until when, and for what order
it was redeemed.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from loyalty import coupons, orders
from loyalty.customers import Who
from loyalty.errors import LoyaltyError
from loyalty.models import Business, Campaign, Coupon, CouponUse, Customer
from tests.cast import person
from tests.loyalty.codes import pool, redeem
from tests.loyalty.shop import SHOP

START = datetime(2026, 6, 1, tzinfo=UTC)
CODES, DAYS = 3, 5

Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["issue", "redeem", "redeem", "cancel", "void", "later"]),
        st.integers(0, CODES - 1),
        st.integers(0, 1),
    ),
    max_size=12,
)


@dataclass
class Code:
    state: str = "ready"
    owner: int | None = None
    ends: datetime | None = None
    order: str = ""

    def seen(self, now: datetime) -> str:
        is_over = self.ends is not None and self.ends <= now
        return "expired" if is_over and self.state in ("ready", "issued") else self.state


@dataclass
class Model:
    codes: list[Code] = field(default_factory=lambda: [Code() for _n in range(CODES)])
    given: dict[str, int] = field(default_factory=dict)

    def issue(self, customer: int, key: str, now: datetime) -> str:
        if key in self.given:
            return "done"
        ready = next((n for n, code in enumerate(self.codes) if code.state == "ready"), None)
        if ready is None:
            return "campaign_exhausted"
        self.codes[ready] = Code("issued", customer, now + timedelta(days=DAYS))
        self.given[key] = ready
        return "done"

    def redeem(self, n: int, customer: int, order: str, now: datetime) -> str:
        code = self.codes[n]
        refusals = {
            "redeemed": "already_redeemed",
            "expired": "coupon_expired",
            "void": "coupon_unavailable",
        }
        if refusal := refusals.get(code.seen(now)):
            return refusal
        if code.owner not in (None, customer):
            return "coupon_unavailable"
        code.state, code.order = "redeemed", order
        return "done"

    def cancel(self, order: str) -> None:
        for code in self.codes:
            if order and code.order == order:
                code.state = "ready" if code.owner is None else "issued"
                code.order = ""

    def void(self, n: int) -> str:
        if self.codes[n].state == "redeemed":
            return "already_redeemed"
        self.codes[n].state = "void"
        return "done"


class Codes(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(steps=STEPS)
    def test_codes_are_as_the_model_says(self, steps: list[Step]) -> None:
        Business.objects.create(pk=1, time_zone="UTC")
        people = [person(START, email=f"p{n}@example.com") for n in range(2)]
        model, ten, now = Model(), pool(CODES, START, valid_days=DAYS), START
        ids = list(ten.coupons.order_by("pk").values_list("pk", flat=True))

        for count, (act, n, which) in enumerate(steps):
            if act == "later":
                now += timedelta(days=2 + n)
                continue
            order = f"shop:{count}" if act == "redeem" else model.codes[n].order
            wanted = self._model(model, act, n, which, order, now)
            came = self._real(ten, people, ids, act, n, which, order, now)
            assert came == wanted, (act, n, which)

        rows = {row.pk: row for row in Coupon.objects.select_related("campaign")}
        assert [rows[pk].state_at(now) for pk in ids] == [code.seen(now) for code in model.codes]
        redeemed = sum(code.state == "redeemed" for code in model.codes)
        assert CouponUse.objects.filter(returned_at=None).count() == redeemed

    def _model(self, model: Model, act: str, n: int, which: int, order: str, now: datetime) -> str:
        match act:
            case "issue":
                return model.issue(which, f"{which}:{n}", now)
            case "redeem":
                return model.redeem(n, which, order, now)
            case "void":
                return model.void(n)
        model.cancel(order)
        return "done"

    def _real(
        self,
        ten: Campaign,
        people: list[Customer],
        ids: list[int],
        act: str,
        n: int,
        which: int,
        order: str,
        now: datetime,
    ) -> str:
        coupon = Coupon.objects.get(pk=ids[n])
        try:
            match act:
                case "issue":
                    coupons.issue(ten, people[which], key=f"{which}:{n}", now=now)
                case "redeem":
                    redeem(coupon.code, now, customer=people[which], order_key=order)
                case "void":
                    coupons.void(coupon)
                case "cancel" if order:
                    data = orders.OrderData(
                        key=order, status="cancelled", customer=Who(id=people[0].pk)
                    )
                    orders.record(data, cause=SHOP, now=now)
        except LoyaltyError as refused:
            return refused.code
        return "done"
