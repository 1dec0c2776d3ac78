"""What a customer sees of one card."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.template.loader import select_template
from django.utils import timezone
from django.utils.safestring import SafeString

from loyalty import holds, ledger, pending, qr_codes, referrals, reviews, shapes, wording
from loyalty.models import Business, Card, Hold, Reward, Storefront
from loyalty.models.hold import HoldState
from loyalty.portal import words
from loyalty.postings import Held
from loyalty.wallet import colours

QR_LOOK: dict[str, Any] = {
    "border": 0,
    "omitsize": True,
    "dark": "#000",
    "svgclass": "qr-code",
}
SOON = timedelta(days=30)
MOST_SOON = 3
# What of an account's card was claimed, and is settled or taken over without moving any value.
CLAIMS = (
    Hold.objects.filter(card=OuterRef("card"))
    .order_by()
    .values("card")
    .annotate(
        n=Count("pk", filter=~Q(handler="")) + Count("pk", filter=Q(state=HoldState.CAPTURED))
    )
    .values("n")
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward of the program, and how far the card is from it."""

    pk: int
    name: str
    worth: str
    price: int
    price_words: str
    has: int
    is_reached: bool
    missing_words: str


@dataclass(frozen=True, slots=True)
class Soon:
    """What is over on a day; `lapses`: unless something is earned before."""

    amount: str
    day: date
    lapses: bool


@dataclass
class Face:
    """Asked for what it shows when it is shown; balances are those of `now`."""

    card: Card
    key: str
    now: datetime
    held: Mapping[str, Held] = field(init=False)

    def __post_init__(self) -> None:
        self.program = self.card.program
        self.held = ledger.held(self.card, self.now)

    @property
    def state(self) -> str:
        """`active`, `expired`."""
        return self.card.state(self.now)

    @property
    def balances(self) -> dict[str, int]:
        return {unit: self.held[unit].balance for unit in self.program.units}

    @property
    def said(self) -> dict[str, str]:
        """The same in words."""
        return {unit: wording.counted(self.program, unit, n) for unit, n in self.balances.items()}

    @property
    def template(self) -> str:
        """A type of card may have a face of its own."""
        names = [f"loyalty/portal/faces/{name}.html" for name in (self.program.type, "any")]
        found: Any = select_template(names)
        return str(found.template.name)

    @cached_property
    def storefront(self) -> Storefront:
        return Storefront.of(self.program)

    @cached_property
    def business(self) -> Business:
        return Business.get()

    @property
    def look(self) -> str:
        return f"look-{self.program.pk}"

    @property
    def color(self) -> str:
        return colours.hexadecimal(colours.of(self.program))

    @cached_property
    def offers(self) -> list[Offer]:
        """The nearest first: what can be had now, then what is still to be earned."""
        if not self.program.offers_rewards:
            return []
        return [self._offer(row) for row in self.rewards if row.is_offered(self.now)]

    @property
    def rewards(self) -> list[Reward]:
        return list(self.program.rewards.all())

    @property
    def next_offer(self) -> Offer | None:
        return next((offer for offer in self.offers if not offer.is_reached), None)

    @property
    def stamps(self) -> list[dict[str, Any]]:
        """The places of a row, each filled or not; some bring something."""
        places = getattr(self.program, "stamps_per_reward", 0)
        brings = {offer.price: offer.name for offer in self.offers}
        filled = self.balances.get("stamps", 0)
        return [
            {"n": n, "is_filled": n <= filled, "is_last": n == places, "brings": brings.get(n, "")}
            for n in range(1, places + 1)
        ]

    @property
    def standing(self) -> dict[str, Any]:
        return shapes.standing(self.card, self.held)

    @property
    def next_rate_words(self) -> str:
        """How much is still to be spent until the next rate."""
        following = self.standing.get("rate", {}).get("next")
        if not following:
            return ""
        return wording.counted(
            self.program, "spent", following["from_cents"] - self.balances["spent"]
        )

    @property
    def waiting(self) -> list[str]:
        if not self.program.pending_days:
            return []
        waiting = pending.of(self.card).items()
        return [wording.counted(self.program, unit, n) for unit, n in waiting if n > 0]

    @property
    def short(self) -> str:
        """What it holds in a few words, for a list of cards."""
        if not self.program.is_spent and "rate" in self.standing:
            return words.off(self.standing["rate"]["percent"])
        held = {unit: n for unit, n in self.balances.items() if unit != "spent"}
        shown = [unit for unit, n in held.items() if n] or list(held)[:1]
        return " · ".join(self.said[unit] for unit in shown)

    @cached_property
    def ending(self) -> list[Soon]:
        """What is over before long, day by day; the end of the card itself is said elsewhere."""
        found: dict[tuple[date, str, bool], int] = {}
        if self.state == "active":
            for part in ledger.ending(self.card, self.now, self.now + SOON):
                if part.at != self.card.expires_at:
                    name = (timezone.localdate(part.at), part.unit, part.lapses)
                    found[name] = found.get(name, 0) + part.amount
        return [
            Soon(wording.counted(self.program, unit, n), day, lapses)
            for (day, unit, lapses), n in found.items()
        ][:MOST_SOON]

    @property
    def owed(self) -> list[str]:
        held = self.held.items()
        return [wording.counted(self.program, unit, h.debt) for unit, h in held if h.debt]

    @cached_property
    def claims(self) -> list[Hold]:
        """What is kept for them at the counter."""
        kept = holds.of(self.card, self.now)
        return [hold for hold in kept if hold.is_claim and not hold.is_handled]

    @cached_property
    def asked_for(self) -> list[Hold]:
        """What they claimed and get without the counter, or have got."""
        return holds.handled(self.card, self.now)

    @property
    def asks_for_review(self) -> bool:
        return self.state == "active" and reviews.may_leave(self.card, self.now)

    @property
    def once(self) -> str:
        """A number for a form that must count once."""
        return secrets.token_hex(8)

    @cached_property
    def friends_link(self) -> str:
        """Where friends join; "" where bringing them gives nothing."""
        return referrals.link(self.card) if referrals.offer_of(self.program) else ""

    @property
    def friends_qr(self) -> SafeString:
        return qr_codes.drawn(self.friends_link, **QR_LOOK)

    @property
    def history(self) -> list[words.Line]:
        return words.history(self.card)

    @property
    def qr(self) -> SafeString:
        """What staff scan; it opens nothing of the customer's."""
        return qr_codes.drawn(self.card.code, error="m", **QR_LOOK)

    @property
    def number(self) -> str:
        """In groups, as it is read aloud."""
        text = self.card.number
        return " ".join(text[at : at + 4] for at in range(0, len(text), 4))

    @property
    def version(self) -> str:
        return version(self.card, self.now)

    def _offer(self, reward: Reward) -> Offer:
        unit = self.program.earns
        has = self.balances.get(unit, 0)
        return Offer(
            reward.pk,
            reward.name,
            words.worth(reward, self.program.currency),
            reward.price,
            wording.counted(self.program, unit, reward.price),
            min(has, reward.price),
            has >= reward.price,
            wording.counted(self.program, unit, max(0, reward.price - has)),
        )


def version(card: Card, now: datetime) -> str:
    """Another text whenever the card looks different: two statements, whatever it holds."""
    accounts = card.accounts.annotate(claims=Subquery(CLAIMS)).order_by("pk")
    is_settled = not card.accounts.filter(next_expiry__lte=now).exists()
    rows = list(accounts.values_list("unit", "seq", "balance", "debt", "claims"))
    seen = (rows, is_settled, card.changed_at, card.state(now), card.program.name)
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]
