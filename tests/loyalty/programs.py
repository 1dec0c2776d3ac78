"""A program of each type, as tests and the model mean it."""

from loyalty.models import Plan, Program, Rate
from loyalty.models.mechanics import Mechanics
from loyalty.programs.cashback import CashbackProgram
from loyalty.programs.coupon import CouponProgram
from loyalty.programs.discount import DiscountProgram
from loyalty.programs.gift import GiftProgram
from loyalty.programs.membership import MembershipProgram
from loyalty.programs.multipass import MultipassProgram
from loyalty.programs.reward import RewardProgram
from loyalty.programs.stamp import StampProgram

LIFE = 20  # days


def make(kind: str) -> Program:
    return _MAKERS[kind](kind)


def _stamp(name: str) -> Program:
    return StampProgram.objects.create(slug=name, name=name, lot_life_days=LIFE)


def _lapsing_stamp(name: str) -> Program:
    return StampProgram.objects.create(
        slug=name, name=name, lot_life_days=LIFE, lot_life_restarts=True
    )


def _reward(name: str) -> Program:
    return RewardProgram.objects.create(
        slug=name, name=name, mechanics=Mechanics.SPEND, lot_life_days=LIFE
    )


def _cashback(name: str) -> Program:
    program = CashbackProgram.objects.create(slug=name, name=name, lot_life_days=LIFE)
    _rate(program)
    return program


def _discount(name: str) -> Program:
    program = DiscountProgram.objects.create(slug=name, name=name)
    _rate(program)
    return program


def _rate(program: Program) -> None:
    """2 %, from 100.00 on 5 %, from 500.00 on 10 %."""
    for from_cents, percent in ((0, 2), (10_000, 5), (50_000, 10)):
        Rate.objects.create(program=program, from_cents=from_cents, percent=percent)


def _gift(name: str) -> Program:
    return GiftProgram.objects.create(slug=name, name=name)


def _single_gift(name: str) -> Program:
    return GiftProgram.objects.create(slug=name, name=name, is_single_use=True)


def _coupon(name: str) -> Program:
    return CouponProgram.objects.create(slug=name, name=name, offer="A free cake")


def _multipass(name: str) -> Program:
    return MultipassProgram.objects.create(
        slug=name, name=name, pack=10, points_per_visit=3, lot_life_days=LIFE
    )


def _membership(name: str) -> Program:
    program = MembershipProgram.objects.create(slug=name, name=name)
    Plan.objects.create(program=program, name="Weekly", period="week", visits=12)
    return program


def _open_membership(name: str) -> Program:
    program = MembershipProgram.objects.create(slug=name, name=name)
    Plan.objects.create(program=program, name="Weekly", period="week")
    return program


_MAKERS = {
    "stamp": _stamp,
    "lapsing_stamp": _lapsing_stamp,
    "reward": _reward,
    "cashback": _cashback,
    "discount": _discount,
    "gift": _gift,
    "single_gift": _single_gift,
    "coupon": _coupon,
    "multipass": _multipass,
    "membership": _membership,
    "open_membership": _open_membership,
}
KINDS = tuple(_MAKERS)
# What a new card is issued with where the type wants that said.
OPENINGS = {"gift": 5_000, "single_gift": 5_000}
