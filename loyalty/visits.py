"""Visits: that a customer was at the counter, read from what was done there; nothing else is one.

A visit is a day, on the business's clock, on which something was given or taken at a till and was
not undone, or something was paid there. Several cards on one day are one visit; a look at a card is
none. What automations, the clock, staff at a desk, web shops and imports do is none.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    DateField,
    DateTimeField,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import TruncDate
from django.db.models.sql.compiler import SQLCompiler

from loyalty import zones
from loyalty.models import Business, Operation, Order
from loyalty.models.order import OrderStatus
from loyalty.postings import Kind

# A till has a place, or a key of its own.
AT_A_TILL = (
    Q(location__isnull=False) | Q(actor__startswith="token:") | Q(actor__startswith="kiosk:")
)

Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class Visits:
    """How many, and the moment of the last; None where there was none."""

    count: int = 0
    last_at: datetime | None = None


NONE = Visits()


def of(customer_ids: Collection[int]) -> dict[int, Visits]:
    """The visits of those of them who ever came; two queries for any number of customers."""
    done, paid = _both(Business.get().time_zone)
    one, its = _compiled(done.filter(who__among=customer_ids))
    other, more = _compiled(paid.filter(who__among=customer_ids))
    with connection.cursor() as cursor:
        cursor.execute(grouped(f"{one} UNION ALL {other}", "COUNT(DISTINCT day)"), [*its, *more])
        return {who: Visits(n, _moment(last)) for who, n, last in cursor.fetchall()}


def rows_of_all(zone_name: str) -> tuple[str, list[Any]]:
    """SQL for rows of `who`, `moment` and `day`, for everything that makes a visit."""
    (one, its), (other, more) = map(_compiled, _both(zone_name))
    return f"{one} UNION ALL {other}", [*its, *more]


def grouped(rows: str, figure: str) -> str:
    """SQL for one row a customer: `who`, `visits` (which `figure` says) and `last_at`."""
    return (
        f"SELECT who, {figure} AS visits, MAX(moment) AS last_at FROM ({rows}) of_both GROUP BY who"
    )


def count(zone_name: str) -> Subquery:
    """How many visits the customer of the outer row has made."""
    done, paid = (rows.filter(who=OuterRef("pk")) for rows in _both(zone_name))
    return _OverBoth("COUNT(*)", done.values("day").union(paid.values("day")), IntegerField())


def last() -> Subquery:
    """The moment of the last visit of the customer of the outer row."""
    done, paid = (rows.filter(who=OuterRef("pk")) for rows in _both("UTC"))
    both = done.values("moment").union(paid.values("moment"), all=True)
    return _OverBoth("MAX(moment)", both, DateTimeField())


def days_since(zone_name: str, now: datetime) -> Func:
    """How many days of the business's calendar ago that was."""
    home = zones.zone(zone_name)
    today = Value(now.astimezone(home).date(), output_field=DateField())
    return _DaysBetween(today, TruncDate(last(), tzinfo=home))


def days_before(moment: datetime | None, zone_name: str, now: datetime) -> int | None:
    """The same of a moment in memory."""
    home = zones.zone(zone_name)
    if moment is None:
        return None
    return (now.astimezone(home).date() - moment.astimezone(home).date()).days


class _DaysBetween(Func):
    """From the second day to the first."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Any:
        template = "CAST(julianday(%(expressions)s) AS INTEGER)"
        return self.as_sql(
            compiler, connection, template=template, arg_joiner=") - julianday(", **context
        )


class _OverBoth(Subquery):
    """One figure over the rows of both places."""

    def __init__(self, figure: str, rows: Rows, answers: Any) -> None:
        self.template = f"(SELECT {figure} FROM (%(subquery)s) of_both)"
        super().__init__(rows, output_field=answers)


def _both(zone_name: str) -> tuple[Rows, Rows]:
    """What was done to cards at tills, and what was paid there: an order may be too small to earn
    anything, and then has no operation."""
    home = zones.zone(zone_name)
    done = Operation.objects.filter(
        AT_A_TILL, kind__in=[Kind.ACCRUE, Kind.REDEEM], order=None, reversed_by=None
    )
    paid = Order.objects.filter(
        platform="counter",
        status__in=[OrderStatus.PAID, OrderStatus.COMPLETED],
        customer__isnull=False,
        placed_at__isnull=False,
    )
    wanted = ("who", "moment", "day")
    return (
        done.order_by()
        .annotate(who=F("card__customer_id"), moment=F("at"), day=TruncDate("at", tzinfo=home))
        .values(*wanted),
        paid.order_by()
        .annotate(who=F("customer_id"), moment=F("placed_at"))
        .annotate(day=TruncDate("placed_at", tzinfo=home))
        .values(*wanted),
    )


def _compiled(rows: Rows) -> tuple[str, list[Any]]:
    sql, params = rows.query.sql_with_params()
    return sql, list(params)


def _moment(value: Any) -> datetime | None:
    """SQLite gives a moment of a raw query as it keeps it."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None
