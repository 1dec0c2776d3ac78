"""What happened to a card, and to what it holds."""

from dataclasses import dataclass

from loyalty.events.facts.fact import Fact


@dataclass(frozen=True)
class CardIssued(Fact):
    """`program` is the program's slug."""

    name = "card_issued"

    program: str


@dataclass(frozen=True)
class CardInstalled(Fact):
    """`program` is the program's slug, `where` is what it was put into: `web` or a wallet's name.
    Once for each device."""

    name = "card_installed"

    program: str
    where: str


@dataclass(frozen=True)
class CardUninstalled(Fact):
    """A customer took the card out of a wallet, on one device; `where` is the wallet's name."""

    name = "card_uninstalled"

    program: str
    where: str


@dataclass(frozen=True)
class CardScanned(Fact):
    """`location` is the id of where it was scanned, if that is known."""

    name = "card_scanned"

    location: int | None = None


@dataclass(frozen=True)
class CardExpired(Fact):
    """`program` is the program's slug. Once for each end that a card is given."""

    name = "card_expired"

    program: str


@dataclass(frozen=True)
class CardDeleted(Fact):
    """`program` is the program's slug."""

    name = "card_deleted"

    program: str


@dataclass(frozen=True)
class BalanceChanged(Fact):
    """One entry of the ledger: `before` and `after` are balances, `amount` is signed, `cycle` is
    the row that a stamp card is filling (from 1), `cause` says what the entry followed from."""

    name = "balance_changed"

    unit: str
    amount: int
    before: int
    after: int
    cycle: int
    cause: str


@dataclass(frozen=True)
class RewardRedeemed(Fact):
    """`reward` is its name, `amount` (positive) what was given for it, in `unit`."""

    name = "reward_redeemed"

    reward: str
    unit: str
    amount: int


@dataclass(frozen=True)
class PointsClaimed(Fact):
    """The customer wants to spend so much (`amount`, positive, in `unit`): it is held for them
    until the shop hands over what it is for. `reward` is its name; empty: none was named. `claim`
    is the number of what is held."""

    name = "points_claimed"

    unit: str
    amount: int
    reward: str
    claim: int


@dataclass(frozen=True)
class CouponRedeemed(Fact):
    """`program` is the coupon program's slug."""

    name = "coupon_redeemed"

    program: str


@dataclass(frozen=True)
class ValueExpired(Fact):
    """`amount` (positive) is what the card has lost."""

    name = "value_expired"

    unit: str
    amount: int
