"""What is counted of customers towards their tier: from the orders, or from the ledger."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F, Q, QuerySet, Sum

from loyalty import totals
from loyalty.models import Account, Business, Entry
from loyalty.models.tier import Metric
from loyalty.postings import Kind

POINTS = "points"

# What an entry gave or took, whether or not a debt came between.
GAVE = F("amount") - F("debt_delta")
# As the ledger counts what an account ever earned: what a reversal takes was never earned, what it
# gives back was earned before.
NOT_EARNED = [Kind.REDEEM, Kind.CAPTURE, Kind.REVERSE, Kind.EXPIRE, Kind.TRANSFER]
EARNS = (
    (~Q(kind__in=NOT_EARNED) & Q(amount__gt=F("debt_delta")))
    | Q(kind=Kind.REVERSE, amount__lt=F("debt_delta"))
    | Q(kind=Kind.REFUND)
)


def count(metric: str, customer_ids: Collection[int], since: datetime | None) -> dict[int, int]:
    """What each of them has come to since then (None: ever); who is missing has nothing.

    In minor units of the business's currency, orders or points; one or two queries for any number
    of customers. Orders count on the day on which they were placed, points when they are given and
    taken.
    """
    if metric == Metric.POINTS:
        return _points(customer_ids, since)
    return _ordered(metric, customer_ids, Q(placed_at__gte=since) if since else Q())


def count_for_review(metric: str, customer_ids: Collection[int]) -> dict[int, int]:
    """The same since the moment from which the next review of each of them counts."""
    starts = "customer__standing__counts_from"
    if metric == Metric.POINTS:
        starts = f"account__card__{starts}"
        since = Q(**{starts: None}) | Q(operation__at__gte=F(starts))
        return _summed(_entries(customer_ids).filter(since))
    since = Q(**{starts: None}) | Q(placed_at__gte=F(starts))
    return _ordered(metric, customer_ids, since)


def _ordered(metric: str, customer_ids: Collection[int], since: Q) -> dict[int, int]:
    figure = "total_spent" if metric == Metric.SPENT else "orders_count"
    rows = totals.counted(Business.get().currency, since).filter(customer_id__among=customer_ids)
    return {row["customer_id"]: row[figure] for row in rows}


def _points(customer_ids: Collection[int], since: datetime | None) -> dict[int, int]:
    if since is not None:
        return _summed(_entries(customer_ids).filter(operation__at__gte=since))
    accounts = Account.objects.filter(unit=POINTS, card__customer_id__among=customer_ids)
    rows = accounts.order_by().values("card__customer_id").annotate(earned=Sum("lifetime_in"))
    return {row["card__customer_id"]: row["earned"] for row in rows}


def _entries(customer_ids: Collection[int]) -> "QuerySet[Entry]":
    return Entry.objects.filter(
        EARNS, account__unit=POINTS, account__card__customer_id__among=customer_ids
    )


def _summed(entries: "QuerySet[Entry]") -> dict[int, int]:
    """Never less than nothing: what was earned before and taken back now is not owed."""
    rows = entries.order_by().values("account__card__customer_id").annotate(earned=Sum(GAVE))
    return {row["account__card__customer_id"]: max(0, row["earned"]) for row in rows}
