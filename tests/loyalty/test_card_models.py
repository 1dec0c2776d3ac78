"""Every type of card against a model of its own: whatever is done, both hold the same.

`MODEL_OPERATIONS=10000 make test ARGS="-k test_card_models -n 2"` does so many on each type.
"""

import os
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty import cards
from loyalty.ledger.audit import broken
from loyalty.models import Business, Customer, Program
from tests.cast import BY_STAFF, person
from tests.loyalty import pockets, programs
from tests.loyalty.play import Action, Play, Side
from tests.loyalty.pocket import Pocket

pytestmark = pytest.mark.django_db

AT_ONCE = 40  # operations in a row, on one card
OPERATIONS = int(os.environ.get("MODEL_OPERATIONS", "400"))
POCKETS: dict[str, type[Pocket]] = {
    "stamp": pockets.StampPocket,
    "lapsing_stamp": pockets.LapsingStampPocket,
    "reward": pockets.RewardPocket,
    "cashback": pockets.CashbackPocket,
    "discount": pockets.DiscountPocket,
    "gift": pockets.GiftPocket,
    "single_gift": pockets.SingleGiftPocket,
    "coupon": pockets.CouponPocket,
    "multipass": pockets.MultipassPocket,
    "membership": pockets.MembershipPocket,
    "open_membership": pockets.OpenMembershipPocket,
}
UNITS = sorted({unit for each in POCKETS.values() for unit in each.units})

# When all that is held is over, and what came back by grace.
END: list[Action] = [(what, "", days, 0) for days in (31, 31) for what in ("days", "let_go")]


def _of(what: str, most: int, units: list[str] | None = None) -> st.SearchStrategy[Action]:
    unit = st.sampled_from(units or [""])
    return st.tuples(st.just(what), unit, st.integers(1, most), st.integers(0, 1))


ACTION = st.one_of(
    _of("accrue", 40, UNITS),
    _of("redeem", 12, UNITS),
    _of("reverse", 30),
    _of("order", 30_000),
    _of("refund", 10_000),
    _of("renew", 1),
    _of("days", 9),
    _of("days", 40),
    _of("hold", 66, UNITS),
    _of("linger", 32, UNITS),
    _of("capture", 3),
    _of("void", 3),
    _of("let_go", 1),
    _of("transfer", 20, UNITS),
    _of("take_back", 30),
)


@pytest.mark.parametrize("kind", programs.KINDS)
def test_a_card_holds_what_the_model_holds(kind: str, now: datetime) -> None:
    Business.objects.update_or_create(pk=1, defaults={"name": "Aurora", "time_zone": "UTC"})
    program = programs.make(kind)
    Program.objects.filter(pk=program.pk).update(allows_transfer=True)
    number = iter(range(10**6))

    @settings(
        max_examples=max(1, OPERATIONS // AT_ONCE),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(actions=st.lists(ACTION, min_size=AT_ONCE, max_size=AT_ONCE))
    def hold_the_same(actions: list[Action]) -> None:
        one, other = (person(now, external_id=f"{kind}-{next(number)}") for _side in range(2))
        play = Play(kind, (begin(kind, program, one, now), begin(kind, program, other, now)), now)
        for action in [("days", "", 0, 0), *actions, *END]:
            play.do(action)

    hold_the_same()
    assert broken(now + timedelta(days=5_000)) == []


def begin(kind: str, program: Program, customer: Customer, now: datetime) -> Side:
    card, _made = cards.issue(
        program, customer, cause=BY_STAFF, now=now, opening=programs.OPENINGS.get(kind)
    )
    return Side(card, POCKETS[kind](now))
