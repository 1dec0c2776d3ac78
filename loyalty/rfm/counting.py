"""Where everybody stands, as one statement; both databases read it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from loyalty import totals, visits, zones
from loyalty.models import Business
from loyalty.rfm.presets import FIFTHS, Kind
from loyalty.rfm.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Counted:
    """A customer whose row is to change."""

    customer_id: int
    recency: int
    visits: int
    spent: int
    segment: str
    before: str
    moves: int


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    params: list[Any]


def welcome(scheme: Scheme, now: datetime) -> None:
    """A row for whoever has none, in one statement: the first time that is everybody."""
    stands = standings(scheme, now)
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO loyalty_rfmstanding "
            "(customer_id, recency, visits, spent, segment, before, moves, since) "
            "SELECT c.who, c.recency, c.visits, c.spent, c.segment, '', 0, "
            f"%s FROM ({stands.sql}) c "
            "WHERE NOT EXISTS (SELECT 1 FROM loyalty_rfmstanding p WHERE p.customer_id = c.who)",
            [moment, *stands.params],
        )


def differences(scheme: Scheme, now: datetime, *, after: int, most: int) -> list[Counted]:
    """At most so many of those who stand elsewhere than their row says, by the customer's id, from
    the one after that."""
    stands = standings(scheme, now)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.who, c.recency, c.visits, c.spent, c.segment, p.segment, p.moves "
            f"FROM ({stands.sql}) c JOIN loyalty_rfmstanding p ON p.customer_id = c.who "
            "WHERE c.who > %s AND (p.segment <> c.segment "
            "OR p.recency <> c.recency OR p.visits <> c.visits OR p.spent <> c.spent) "
            "ORDER BY c.who LIMIT %s",
            [*stands.params, after, most],
        )
        return [Counted(*row) for row in cursor.fetchall()]


def flows(scheme: Scheme, now: datetime) -> dict[tuple[str, str], int]:
    """How many would go from which segment to which; from "" who was never counted."""
    stands = standings(scheme, now)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(p.segment, ''), c.segment, COUNT(*) "
            f"FROM ({stands.sql}) c LEFT JOIN loyalty_rfmstanding p ON p.customer_id = c.who "
            "GROUP BY 1, 2",
            stands.params,
        )
        return {(before, after): n for before, after, n in cursor.fetchall()}


def standings(scheme: Scheme, now: datetime) -> Statement:
    """Rows of `who`, `recency`, `visits`, `spent` (scores) and `segment`, one for each customer.

    Whoever never came is counted from the day they joined.
    """
    business = Business.get()
    today = now.astimezone(zones.zone(business.time_zone)).date()
    figures = _figures(scheme, business, today)
    scores = _ranks() if scheme.preset.is_ranked else _bands(scheme, business.time_zone, today)
    return Statement(
        f"SELECT who, recency, visits, spent, {_segment(scheme)} AS segment "
        f"FROM (SELECT who, {scores.sql} FROM ({figures.sql}) f) s",
        [*scores.params, *figures.params],
    )


def _figures(scheme: Scheme, business: Business, today: date) -> Statement:
    """`who`, `last_at`, `visits` and, where it matters, `spent` in minor units."""
    days, params = visits.rows_of_all(business.time_zone)
    figure, window = "COUNT(DISTINCT day)", list[Any]()
    if scheme.frequency_window_days is not None:
        figure = "COUNT(DISTINCT CASE WHEN moment >= %s THEN day END)"
        window = [_start(today, scheme.frequency_window_days, business.time_zone)]
    came = visits.grouped(days, figure)
    spent, join, paid = "0", "", list[Any]()
    if scheme.preset.is_ranked:
        sql, found = totals.counted(business.currency).query.sql_with_params()
        spent, join = "COALESCE(t.total_spent, 0)", f"LEFT JOIN ({sql}) t ON t.customer_id = c.id "
        paid = list(found)
    return Statement(
        "SELECT c.id AS who, COALESCE(v.last_at, c.created_at) AS last_at, "
        f"COALESCE(v.visits, 0) AS visits, {spent} AS spent "
        f"FROM loyalty_customer c LEFT JOIN ({came}) v ON v.who = c.id {join}"
        "WHERE c.erased_at IS NULL",
        [*window, *params, *paid],
    )


def _bands(scheme: Scheme, zone_name: str, today: date) -> Statement:
    """The score of the band each figure is in. Days are those of the business's calendar."""
    recency = "".join(
        f"WHEN last_at >= %s THEN {scheme.recency_scores - at} "
        for at in range(len(scheme.recency_days))
    )
    often = "".join(
        f"WHEN visits <= {int(most)} THEN {at + 1} " for at, most in enumerate(scheme.visit_counts)
    )
    return Statement(
        f"CASE {recency}ELSE 1 END AS recency, "
        f"CASE {often}ELSE {scheme.visit_scores} END AS visits, 1 AS spent",
        [_start(today, days, zone_name) for days in scheme.recency_days],
    )


def _ranks() -> Statement:
    """Which fifth of all customers each is in; equal figures have equal scores."""

    def fifth(figure: str) -> str:
        return f"1 + (RANK() OVER (ORDER BY {figure}) - 1) * {FIFTHS} / COUNT(*) OVER ()"

    return Statement(
        f"{fifth('last_at')} AS recency, {fifth('visits')} AS visits, {fifth('spent')} AS spent",
        [],
    )


def _segment(scheme: Scheme) -> str:
    *ruled, last = scheme.kinds
    cases = "".join(f"WHEN {_fits(kind)} THEN '{kind.slug}' " for kind in ruled)
    return f"CASE {cases}ELSE '{last.slug}' END"


def _fits(kind: Kind) -> str:
    spans = {"recency": kind.recency, "visits": kind.visits, "spent": kind.spent}
    return " AND ".join(f"{name} BETWEEN {low} AND {high}" for name, (low, high) in spans.items())


def _start(today: date, days: int, zone_name: str) -> Any:
    """The first moment of the day so many days ago, as the database compares it."""
    moment = zones.day_after(today - timedelta(days=days + 1), zone_name)
    return connection.ops.adapt_datetimefield_value(moment)
