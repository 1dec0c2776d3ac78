"""Café Aurora's cards: one program of each type."""

from datetime import time
from typing import Any

from loyalty.models import HappyHour, Plan, Program, Rate, Reward
from loyalty.models.mechanics import Mechanics
from loyalty.programs.cashback import CashbackProgram
from loyalty.programs.coupon import CouponProgram
from loyalty.programs.discount import DiscountProgram
from loyalty.programs.gift import GiftProgram
from loyalty.programs.membership import MembershipProgram
from loyalty.programs.multipass import MultipassProgram
from loyalty.programs.reward import RewardProgram
from loyalty.programs.stamp import StampProgram

SLUGS = [
    *("coffee", "aurora", "catering", "neighbours"),
    *("club", "lunch", "hello", "gift"),
]
REWARDS = {"A slice of cake": 50, "Breakfast for two": 150, "A bag of beans": 220}
CASHBACK = {0: 2, 20_000: 3, 100_000: 5}  # spent → percent
DISCOUNT = {0: 0, 10_000: 5, 50_000: 10}


def open_programs() -> None:
    """Those that are not there; what stands is never changed back."""
    coffee = _made(StampProgram, "coffee", "Coffee card", "#7c4a21", stamps_per_reward=10)
    if aurora := _made(
        RewardProgram, "aurora", "Aurora points", "#4f46e5",
        mechanics=Mechanics.SPEND, earn_amount=1, earn_per_cents=100, issue_on_order=True,
    ):  # fmt: skip
        for name, price in REWARDS.items():
            Reward.objects.create(program=aurora, name=name, price=price)
    if caterers := _made(CashbackProgram, "catering", "Catering cashback", "#0f766e"):
        _rate(caterers, CASHBACK)
    if neighbours := _made(DiscountProgram, "neighbours", "Neighbours' discount", "#9a3412"):
        _rate(neighbours, DISCOUNT)
        HappyHour.objects.create(program=neighbours, begins=time(15), ends=time(17))
    if club := _made(MembershipProgram, "club", "Breakfast club", "#be185d", trial_days=14):
        _sell(club)
    _made(MultipassProgram, "lunch", "Lunch pass", "#15803d", pack=10)
    _made(
        CouponProgram, "hello", "Hello coupon", "#b45309",
        offer="Your first coffee is on us", turns_into=coffee,
    )  # fmt: skip
    _made(GiftProgram, "gift", "Gift card", "#1d4ed8")


def _made(kind: type[Program], slug: str, name: str, color: str, **more: Any) -> Program | None:
    if Program.objects.filter(slug=slug).exists():
        return None
    return kind.objects.create(slug=slug, name=name, color=color, **more)


def _rate(program: Program, steps: dict[int, int]) -> None:
    for from_cents, percent in steps.items():
        Rate.objects.create(program=program, from_cents=from_cents, percent=percent)


def _sell(club: Program) -> None:
    eight = {"visits": 8, "price_cents": 3_900, "benefits": "Breakfast with coffee\nA guest in May"}
    Plan.objects.create(program=club, level=1, name="Early bird", is_recommended=True, **eight)
    Plan.objects.create(
        program=club,
        level=2,
        name="Every day",
        price_cents=8_900,
        benefits="Breakfast whenever you like",
    )
