from typing import ClassVar

from loyalty.postings import Kind


class AtTheTill:
    """What a type of card says of itself to the till and to a kiosk."""

    # What `{}` redeems at the till (None: the amount must be said), and whether staff may say any
    # amount there without the scope "adjust".
    redeems: ClassVar[int | None] = None
    redeems_by_amount: ClassVar[bool] = True
    # What most who show such a card come for, and whether they may do it alone at a kiosk.
    comes_for: ClassVar[Kind] = Kind.ACCRUE
    is_for_kiosks: ClassVar[bool] = False

    @property
    def promise(self) -> str:
        """What a card of it is good for, in the shop's words; empty where its units say it."""
        return ""

    @property
    def row_length(self) -> int | None:
        """How many of what it earns are drawn as one row to fill; None: just a number."""
        return None

    @property
    def handy(self) -> tuple[int, ...]:
        """The amounts that staff give by hand most often: buttons of the scanner."""
        return ()
