"""Codes made or imported beforehand, set by set."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from loyalty import bulk
from loyalty.coupons.codes import fold, is_fit, length_for, new_code
from loyalty.errors import Invalid
from loyalty.models import Campaign, Coupon
from loyalty.models.coupon import CouponState, Supply

MOST_AT_ONCE = 200_000
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line of an import brought no code; lines count from 1."""

    line: int
    code: str
    text: str


@dataclass(slots=True)
class Row:
    """A row of Coupon that is not yet written."""

    campaign_id: int
    code: str
    folded: str
    made_at: datetime
    customer_id: int | None = None
    state: str = CouponState.READY.value
    issue_key: str | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    redeemed_at: datetime | None = None
    id: int | None = None


def generate(campaign: Campaign, n: int, *, now: datetime) -> int:
    """Make that many new codes for the pool; each call makes more. Says how many were made.

    Raises Invalid for more than `MOST_AT_ONCE`, and where the campaign has no pool.
    """
    _require_pool(campaign)
    if not 0 < n <= MOST_AT_ONCE:
        raise Invalid({"number": [_("Send a number from 1 to %d.") % MOST_AT_ONCE]})
    with transaction.atomic():
        length = length_for(n + campaign.coupons.count())
        made = 0
        while made < n:
            made += insert(drawn(campaign, min(n - made, CHUNK), length, now))
    return made


def drawn(campaign: Campaign, n: int, length: int, now: datetime) -> list[Row]:
    """New rows with codes that differ among themselves; somebody may have one of them."""
    codes = {new_code(campaign.prefix, length) for _one in range(n)}
    return [Row(campaign.pk, code, fold(code), now) for code in codes]


def import_codes(
    campaign: Campaign, lines: Iterable[str], *, now: datetime
) -> tuple[int, list[Problem]]:
    """Add codes somebody else has made, one a line (of a CSV: its first column), to the pool.

    Says how many are new, and what is wrong with which line: a code that is there already, in the
    list or in the product, is not added again. So it may be repeated. Raises Invalid for more lines
    than `MOST_AT_ONCE`, and where the campaign has no pool.
    """
    _require_pool(campaign)
    said, problems = _read(lines)
    added = 0
    with transaction.atomic():
        for part in _parts(list(said)):
            known = set(Coupon.objects.filter(folded__in=part).values_list("folded", flat=True))
            rows = [
                Row(campaign.pk, said[folded][1], folded, now)
                for folded in part
                if folded not in known
            ]
            added += insert(rows)
            there = _("This code is there already.")
            problems += [Problem(*said[folded], there) for folded in known]
    return added, sorted(problems, key=lambda problem: problem.line)


def _read(lines: Iterable[str]) -> tuple[dict[str, tuple[int, str]], list[Problem]]:
    """Codes by how they are compared, each with its line; and what cannot be used."""
    said: dict[str, tuple[int, str]] = {}
    problems: list[Problem] = []
    for line, text in enumerate(lines, start=1):
        if line > MOST_AT_ONCE:
            raise Invalid({"codes": [_("At most %d lines at once.") % MOST_AT_ONCE]})
        code = _first_column(text)
        if not code:
            continue
        if not is_fit(code):
            problems.append(Problem(line, code[:60], _("This cannot be a code.")))
        elif (first := said.setdefault(fold(code), (line, code))) != (line, code):
            twice = _("The same code stands in line %d.") % first[0]
            problems.append(Problem(line, code, twice))
    return said, problems


def _first_column(text: str) -> str:
    text = text.strip("\ufeff \t\r\n")
    for mark in ",;\t":
        if mark in text:
            cells = next(csv.reader([text.replace("\0", "")], delimiter=mark), [])
            return cells[0].strip() if cells else ""
    return text.strip('"').strip()


def _parts(keys: list[str]) -> Iterable[list[str]]:
    keys.sort()
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))


def insert(rows: list[Row]) -> int:
    """Those whose code nobody has; sorted, so that two imports cannot deadlock."""
    return bulk.insert(Coupon, sorted(rows, key=lambda row: row.folded), ignore_conflicts=True)


def _require_pool(campaign: Campaign) -> None:
    if campaign.supply != Supply.POOL:
        raise Invalid({"campaign": [_("Codes of this campaign are not made beforehand.")]})
