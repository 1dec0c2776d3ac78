"""What a customer does alone at a kiosk: the one thing their card is for, and not again at once."""

from datetime import datetime
from math import ceil

from django.utils.translation import gettext as _

from loyalty.counter.words import By, Wish
from loyalty.errors import IllegalOperation, LoyaltyError
from loyalty.ledger import Kind
from loyalty.models import Card, Program
from loyalty.models.mechanics import Mechanics

ACTOR = "kiosk:"
WAYS = (Kind.ACCRUE, Kind.REDEEM)


class TooSoon(LoyaltyError):
    """This card was served a moment ago."""

    code = "too_soon"

    def __init__(self, retry_after: int) -> None:
        super().__init__(_("This card was served already. Come back a little later."))
        self.retry_after = retry_after  # seconds


def serves(program: Program) -> bool:
    """Whether cards of that program can be used at a kiosk: never where somebody must say a sum."""
    return program.is_for_kiosks and program.mechanics != Mechanics.SPEND


def meant(card: Card, can: list[str]) -> tuple[Kind, Wish]:
    """What a scan at a kiosk is on that card; raises IllegalOperation where it is nothing."""
    program = card.program
    if not serves(program):
        raise IllegalOperation(_("Please show this card to the staff."))
    # Where the card can do nothing now, the till says why.
    kind = next(
        (kind for kind in (program.comes_for, *WAYS) if kind.value in can), program.comes_for
    )
    if kind == Kind.REDEEM:
        return kind, Wish()
    if program.mechanics == Mechanics.VISIT:
        return kind, Wish(visits=1)
    return kind, Wish(amount=program.earn_amount)


def require_rest(card: Card, by: By, now: datetime) -> None:
    """Raises TooSoon where a kiosk served the card within `by.rest`; its accounts are locked."""
    if by.rest is None:
        return
    served = card.operations.filter(
        actor__startswith=ACTOR, reversed_by=None, at__gt=now - by.rest
    ).order_by("at")
    if last := served.last():
        raise TooSoon(max(1, ceil((last.at + by.rest - now).total_seconds())))
