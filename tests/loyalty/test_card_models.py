"""Every type of card against a model of its own: whatever is done, both hold the same.

Two cards of each, of two people: what is held, handed on and, in the end, merged is there too.
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
from tests.planner import count_rows

pytestmark = pytest.mark.django_db

AT_ONCE = 40  # operations in a row, on two cards
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

# What is done how often, and the largest number that goes with it.
OFTEN = {
    "accrue": (4, 40), "redeem": (2, 12), "reverse": (2, 30), "days": (2, 9), "weeks": (1, 5),
    "hold": (4, 66), "linger": (2, 32), "capture": (3, 6), "void": (3, 6), "let_go": (2, 1),
}  # fmt: skip
SPENDING = {"order": (4, 30_000), "refund": (2, 10_000)}
RENEWING = {"renew": (3, 1)}
GIVING = {"transfer": (4, 40), "take_back": (2, 30)}
NOT_GIVING = {"transfer": (1, 40)}
# When all that is held is over, and what came back by grace.
END: list[Action] = [(what, "", 5, 0) for what in ("weeks", "let_go", "weeks", "let_go")]
SIDE = st.integers(0, 1)


def actions_of(model: type[Pocket]) -> st.SearchStrategy[Action]:
    """What may be done to such a card, mostly with the units that it has."""
    often = OFTEN | (GIVING if model.transfers else NOT_GIVING)
    often |= SPENDING if issubclass(model, pockets.SpendingPocket) else {}
    often |= RENEWING if issubclass(model, pockets.MembershipPocket) else {}
    names = st.sampled_from(
        [name for name, (weight, _most) in often.items() for _n in range(weight)]
    )
    units = st.sampled_from([*model.units * 20, *UNITS])
    drawn = st.tuples(names, units, st.integers(0, 29_999), SIDE)
    return drawn.map(lambda it: (it[0], it[1], 1 + it[2] % often[it[0]][1], it[3]))


@pytest.mark.parametrize("kind", programs.KINDS)
def test_a_card_holds_what_the_model_holds(kind: str, now: datetime) -> None:
    Business.objects.update_or_create(pk=1, defaults={"name": "Aurora", "time_zone": "UTC"})
    program = programs.make(kind)
    Program.objects.filter(pk=program.pk).update(allows_transfer=True)
    number, played = iter(range(10**6)), iter(range(10**6))

    @settings(
        max_examples=max(1, OPERATIONS // AT_ONCE),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        actions=st.lists(actions_of(POCKETS[kind]), min_size=AT_ONCE, max_size=AT_ONCE),
        merge=st.lists(st.tuples(st.just("merge"), st.just(""), st.just(0), SIDE), max_size=1),
    )
    def hold_the_same(actions: list[Action], merge: list[Action]) -> None:
        if next(played) % 25 == 0:
            count_rows()
        one, other = (person(now, external_id=f"{kind}-{next(number)}") for _side in range(2))
        play = Play(kind, (begin(kind, program, one, now), begin(kind, program, other, now)), now)
        for action in [("days", "", 0, 0), *actions, *merge, *END]:
            play.do(action)

    hold_the_same()
    assert broken(now + timedelta(days=5_000)) == []


def begin(kind: str, program: Program, customer: Customer, now: datetime) -> Side:
    card, _made = cards.issue(
        program, customer, cause=BY_STAFF, now=now, opening=programs.OPENINGS.get(kind)
    )
    return Side(card, POCKETS[kind](now))
