"""Campaigns, and short words for what is done with their codes."""

from datetime import datetime
from itertools import count
from typing import Any

from loyalty import coupons
from loyalty.causes import Cause
from loyalty.coupons import Basket, Redemption, Wish
from loyalty.models import Campaign, Customer

_numbers = count(1)


def campaign(**settings: Any) -> Campaign:
    """Ten percent off, a code for each customer."""
    n = next(_numbers)
    given = {"slug": f"ten-{n}", "name": "Ten off", "offer": "10 % off", "percent": 10} | settings
    made = Campaign(**given)
    made.full_clean()
    made.save()
    return made


def pool(n: int, now: datetime, **settings: Any) -> Campaign:
    """A campaign with so many codes made beforehand."""
    made = campaign(supply="pool", **settings)
    coupons.generate(made, n, now=now)
    return made


def wish(key: str = "", fingerprint: str = "same") -> Wish:
    key = key or f"api:3:coupon {next(_numbers)}"
    return Wish(key, fingerprint, "token:3", Cause("api:3"))


def redeem(
    code: str, now: datetime, customer: Customer | None = None, key: str = "", **basket: Any
) -> Redemption:
    wanted = wish(key)
    return coupons.redeem(code, Basket(**basket), customer=customer, wish=wanted, now=now)
