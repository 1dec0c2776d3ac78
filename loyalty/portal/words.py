"""What a card holds and what was done to it, in the customer's words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty import money, wording
from loyalty.models import Card, Operation, Program
from loyalty.models.rate import said
from loyalty.models.reward import Reward, RewardKind
from loyalty.postings import Kind

LAST = 20

DONE = {
    Kind.ISSUE: gettext_lazy("Your card began"),
    Kind.ACCRUE: gettext_lazy("You got"),
    Kind.REDEEM: gettext_lazy("You used"),
    Kind.EXPIRE: gettext_lazy("Expired"),
    Kind.REFUND: gettext_lazy("After a return"),
    Kind.REVERSE: gettext_lazy("Put right"),
    Kind.RENEW: gettext_lazy("Renewed"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened to a card. `tone` is "more", "less" or ""."""

    title: str
    amounts: tuple[str, ...]
    tone: str
    at: datetime
    is_undone: bool = False


def history(card: Card) -> list[Line]:
    """The latest first."""
    rows = Operation.objects.filter(card=card).select_related("reward", "reversed_by")
    rows = rows.prefetch_related("entries__account").order_by("-pk")
    return [_line(card.program, row) for row in rows[:LAST]]


def _line(program: Program, operation: Operation) -> Line:
    sums: dict[str, int] = {}
    for entry in operation.entries.all():
        if entry.kind == Kind.CONVERT and entry.amount < 0:
            continue  # a full row became what is told beside it
        # What it could not take is owed, and what paid a debt was got all the same.
        change = entry.amount - entry.debt_delta
        sums[entry.account.unit] = sums.get(entry.account.unit, 0) + change
    # What was spent is counted beside what it earned; alone it is the news.
    shown = {unit: n for unit, n in sums.items() if n and (unit != "spent" or len(sums) == 1)}
    title = str(DONE.get(Kind(operation.kind), Kind(operation.kind).label))
    if operation.reward is not None and operation.kind == Kind.REDEEM:
        title = operation.reward.name
    return Line(
        title,
        tuple(wording.signed(program, unit, n) for unit, n in shown.items()),
        _tone(shown.values()),
        operation.at,
        hasattr(operation, "reversed_by"),
    )


def _tone(amounts: Iterable[int]) -> str:
    last = list(amounts)[-1:]
    return "" if not last else "more" if last[0] > 0 else "less"


def off(percent: str) -> str:
    return _("%(percent)s %% off") % {"percent": percent}


def worth(reward: Reward, currency: str) -> str:
    """What a reward takes off; nothing where it is a thing."""
    if reward.kind == RewardKind.PERCENT and reward.percent is not None:
        less = off(said(reward.percent))
        if reward.most_cents:
            most = money.written(reward.most_cents, currency)
            return _("%(off)s, at most %(most)s") % {"off": less, "most": most}
        return less
    if reward.kind == RewardKind.FIXED and reward.value_cents:
        return _("%(amount)s off") % {"amount": money.written(reward.value_cents, currency)}
    return ""
