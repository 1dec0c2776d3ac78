"""What a till can offer on cards of a program before it has seen one: a scanner's buttons."""

from typing import Any

from loyalty.counter import kiosk
from loyalty.ledger import Kind
from loyalty.models import Program
from loyalty.models.mechanics import Mechanics

# What is asked for when a card earns, and as which field of the request.
ASKED = {Mechanics.HAND: "amount", Mechanics.VISIT: "visits", Mechanics.SPEND: "purchase_cents"}


def of(program: Program) -> dict[str, Any]:
    """The program's words and how its cards earn and are redeemed; a card's `can` says whether."""
    return {
        "slug": program.slug,
        "name": program.name,
        "type": program.type,
        "color": program.color,
        "currency": program.currency,
        "units": {unit: str(word) for unit, word in program.units.items()},
        "money_units": list(program.money_units),
        "promise": program.promise,
        "row": program.row_length,
        "comes_for": program.comes_for.value,
        "accrue": _accrue(program),
        "redeem": _redeem(program),
        "rewards": {"unit": program.earns} if program.offers_rewards else None,
        "is_for_kiosks": kiosk.serves(program),
    }


def _accrue(program: Program) -> dict[str, Any] | None:
    if not program.legal.get(Kind.ACCRUE):
        return None
    asks = ASKED[Mechanics(program.mechanics)]
    handy = program.handy if asks == "amount" else ()
    return {"unit": program.earns, "asks": asks, "handy": list(handy)}


def _redeem(program: Program) -> dict[str, Any] | None:
    """`amount`: what `{}` redeems; null: it must be said."""
    if not program.legal.get(Kind.REDEEM) or not (program.redeems or program.redeems_by_amount):
        return None
    return {"unit": program.spends, "amount": program.redeems}
