"""How much a wish means on a card: an amount, visits, or one of the program's rewards."""

from datetime import datetime

from django.utils.translation import gettext as _

from loyalty import caps
from loyalty.counter.words import By, Wish
from loyalty.errors import AmountRequired, Forbidden, IllegalOperation, Invalid, RewardUnavailable
from loyalty.ledger import Kind
from loyalty.models import Business, Card, Reward
from loyalty.models.mechanics import ONCE, Mechanics


def amount(card: Card, kind: Kind, wish: Wish, by: By, now: datetime) -> int:
    """Raises AmountRequired, Forbidden for a bare number where the program counts something else,
    IllegalOperation for visits where none are counted and where the card has earned its share."""
    program = card.program
    if wish.visits is not None:
        if kind != Kind.ACCRUE or program.mechanics != Mechanics.VISIT:
            raise IllegalOperation(_("This card does not count visits."))
        percent = program.percent_at(now, Business.get().time_zone)
        return _within_cap(card, wish.visits * program.earn_amount * percent // ONCE, now)
    if wish.amount is None:
        if kind == Kind.REDEEM and program.redeems is not None and not wish.unit:
            return program.redeems
        raise AmountRequired
    typed = program.mechanics == Mechanics.HAND
    is_free = typed if kind == Kind.ACCRUE else program.redeems_by_amount
    if not is_free and not by.may_adjust:
        raise Forbidden(_("Typing a bare number on this card needs the scope “adjust”."))
    if kind == Kind.ACCRUE and not by.may_adjust:
        _require_room(card, wish.unit, wish.amount, now)
    return wish.amount


def redemption(card: Card, wish: Wish, by: By, now: datetime) -> tuple[Reward | None, str, int]:
    """For which reward, and how much of which unit is taken; raises as `amount` and `reward`."""
    wanted = reward(card, wish)
    if wanted is not None:
        return wanted, *card.program.price_of(wanted)
    return None, wish.unit or card.program.spends, amount(card, Kind.REDEEM, wish, by, now)


def _require_room(card: Card, unit: str, wanted: int, now: datetime) -> None:
    """What a cashier types counts for the cap; what cannot be counted there (rewards, given without
    a stamp) is not theirs to give where there is one."""
    if unit in ("", card.program.earns):
        _within_cap(card, wanted, now, at_once=True)
    elif card.program.cap_amount is not None:
        word = card.program.units.get(unit, unit)
        raise Forbidden(_("This card earns so much at most: %s need the scope “adjust”.") % word)


def _within_cap(card: Card, wanted: int, now: datetime, *, at_once: bool = False) -> int:
    """As much of it as the card may still earn in this period; all of it or nothing `at_once`."""
    left = caps.room(card, now)
    if left is None or wanted <= left:
        return wanted
    if left == 0:
        raise IllegalOperation(_("This card has earned all that it may for now."))
    if at_once:
        raise IllegalOperation(_("This card may earn %d more for now.") % left)
    return left


def reward(card: Card, wish: Wish) -> Reward | None:
    if wish.reward_id is None:
        return None
    if wish.amount is not None or wish.unit:
        raise Invalid({"reward": [_("Say a reward or an amount, not both.")]})
    for reward in card.program.offers:
        if reward.pk == wish.reward_id and reward.is_active:
            return reward
    raise RewardUnavailable
