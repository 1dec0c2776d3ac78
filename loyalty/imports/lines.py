"""One line of a file, made fit: who it is about, which card they have and what is on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from loyalty import zones
from loyalty.cleaning import Unfit
from loyalty.customers.details import CLEANERS
from loyalty.errors import LoyaltyError
from loyalty.imports import values
from loyalty.imports.cells import Cell
from loyalty.imports.columns import AMOUNTS, ATTRIBUTE, CONSENTS, MEANINGS, Layout
from loyalty.imports.files import LONGEST_CELL, Row
from loyalty.models.plan import Plan
from loyalty.models.program import Program
from loyalty.models.tier import Tier
from loyalty.postings import Kind

LONGEST_CARD_NUMBER = 24
LONGEST_PROBLEM = 500
DAYS = ("birthday", "expires", "joined", "tier_until")
# What is taken into a customer's details as it was found.
TAKEN = (
    *("email", "phone", "external_id", "first_name", "last_name", "birthday", "language"),
    *("time_zone", "tags", "attributes", "joined"),
)


@dataclass(slots=True)
class Line:
    """`details` are clean and not empty; `amounts` are in the units of the program."""

    number: int
    details: dict[str, Any] = field(default_factory=dict)
    program: Program | None = None
    card_number: str = ""
    expires_on: date | None = None
    plan: Plan | None = None
    tier: Tier | None = None
    tier_until: date | None = None
    opening: int | None = None
    amounts: dict[str, int] = field(default_factory=dict)
    spent_cents: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that cannot be taken, and why."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Understands the rows of one file. `programs` by slug and by name, folded; `plans` by their
    program's id, `tiers` by name, folded. Days are those of `zone`."""

    layout: Layout
    headers: Sequence[str]
    program: Program | None
    programs: Mapping[str, Program]
    plans: Mapping[int, Sequence[Plan]]
    tiers: Mapping[str, Tier]
    with_consent: bool
    zone: str
    now: datetime

    def read(self, row: Row) -> Line | Refused:
        """What the row says, or all that is wrong with it."""
        line, problems = Line(row.line, program=self.program), list[str]()
        said = {
            place: cell
            for place, cell in enumerate(row.cells)
            if cell is not None and (not isinstance(cell, str) or cell.strip())
        }
        if any(place >= len(self.headers) for place in said):
            problems.append(_("There are more cells than columns."))
        found: dict[str, Any] = {}
        for place, meaning in enumerate(self.layout.columns):
            if not meaning or place not in said:
                continue
            try:
                self._find(found, meaning, place, said[place])
            except Unfit as reason:
                name = self.headers[place] or MEANINGS[meaning]
                problems.append(f"{name}: {reason}")
        problems = problems or self._take(line, found)
        if problems:
            return Refused(row.line, " ".join(problems)[:LONGEST_PROBLEM])
        return line

    def _find(self, found: dict[str, Any], meaning: str, place: int, cell: Cell) -> None:
        if isinstance(cell, str) and len(cell) > LONGEST_CELL:
            raise Unfit(_("This is longer than %d characters.") % LONGEST_CELL)
        if meaning in AMOUNTS:
            found[meaning] = cell  # what it counts is known when the program is
        elif meaning == ATTRIBUTE:
            kept = cell if isinstance(cell, int | float) else values.text(cell)
            attributes = found.get("attributes", {}) | {self.headers[place]: kept}
            found["attributes"] = CLEANERS["attributes"](attributes)
        elif meaning == "attributes":
            attributes = values.json_object(cell) | found.get("attributes", {})
            found["attributes"] = CLEANERS["attributes"](attributes)
        elif meaning in CONSENTS:
            if self.with_consent:
                found[meaning] = values.yes_or_no(cell)
        else:
            found[meaning] = self._text(meaning, cell)

    def _text(self, meaning: str, cell: Cell) -> Any:
        if meaning in DAYS:
            day = values.day(cell, self.layout.dates)
            return self._joined_at(day) if meaning == "joined" else day
        said = values.text(cell)
        match meaning:
            case "phone":
                return values.phone(cell, self.layout.region)
            case "tags":
                parts = said.replace(";", ",").replace("|", ",").split(",")
                return CLEANERS["tags"]([part for part in map(str.strip, parts) if part])
            case "name":
                return _names(said)
            case "number":
                return _card_number(said)
            case "period":
                return values.period(said)
        return self._named(meaning, said)

    def _named(self, meaning: str, name: str) -> Any:
        """What the shop calls so."""
        match meaning:
            case "program":
                if name.casefold() not in self.programs:
                    raise Unfit(_("There is no such program."))
                return self.programs[name.casefold()]
            case "tier":
                if name.casefold() not in self.tiers:
                    raise Unfit(_("There is no such tier."))
                return self.tiers[name.casefold()]
            case "plan":
                return name  # which one is known when the program is
        return CLEANERS[meaning](name)

    def _joined_at(self, day: date | None) -> datetime | None:
        if day is None:
            return None
        began = zones.day_after(day - timedelta(days=1), self.zone)
        if began > self.now:
            raise Unfit(_("This day has not come yet."))
        return began

    def _take(self, line: Line, found: dict[str, Any]) -> list[str]:
        """Put what was found on the line; gives back what is wrong with the whole of it."""
        line.details = {name: found[name] for name in TAKEN if found.get(name)}
        line.details = found.get("name", {}) | line.details
        consent = {name[8:]: found[name] for name in CONSENTS if found.get(name) is not None}
        if consent:
            line.details["consent"] = consent
        line.program = found.get("program", line.program)
        line.card_number = found.get("number", "")
        line.expires_on = found.get("expires")
        line.tier, line.tier_until = found.get("tier"), found.get("tier_until")
        problems = []
        if not any(line.details.get(name) for name in ("external_id", "email", "phone")):
            problems.append(_("There is no email, no phone number and no id: who is it?"))
        try:
            line.plan = self._plan(line.program, found.get("plan", ""), found.get("period", ""))
            self._count(line, {name: found[name] for name in AMOUNTS if name in found})
        except Unfit as reason:
            problems.append(str(reason))
        return problems

    def _plan(self, program: Program | None, name: str, period: str) -> Plan | None:
        if not name and not period:
            return None
        if program is None or not program.has_plans:
            raise Unfit(_("Only cards of a membership have a plan."))
        meant = [
            plan
            for plan in self.plans.get(program.pk, ())
            if (not name or name.casefold() in (plan.name.casefold(), str(plan).casefold()))
            and period in ("", plan.period)
        ]
        if not meant:
            raise Unfit(_("“%s” has no such plan.") % program)
        if len(meant) > 1:
            raise Unfit(_("“%s” has several plans of this name: say the period as well.") % program)
        return meant[0]

    def _count(self, line: Line, cells: dict[str, Cell]) -> None:
        program = line.program
        if program is None:
            if cells or line.card_number or line.expires_on:
                raise Unfit(_("Of which program is the card?"))
            return
        for said, cell in cells.items():
            # A cashback's points are minor units of money, and a shop writes them as money.
            unit = program.earns if said == "money" and program.counts_spent else said
            try:
                amount = self._amount(program, said, cell)
            except Unfit as reason:
                raise Unfit(f"{MEANINGS[said]}: {reason}") from None
            self._put(line, program, unit, amount)

    def _amount(self, program: Program, said: str, cell: Cell) -> int:
        if said in ("money", "spent"):
            return values.cents(cell, self.layout.decimal, program.currency)
        return values.whole(cell, self.layout.decimal)

    def _put(self, line: Line, program: Program, unit: str, amount: int) -> None:
        if unit not in program.units:
            if amount:
                said = _("A card of “%(program)s” does not count %(unit)s.")
                raise Unfit(said % {"program": program, "unit": MEANINGS[unit]})
        elif unit == program.earns and (program.has_plans or takes_opening(program)):
            line.opening = amount
        elif unit in program.legal.get(Kind.ACCRUE, ()):
            line.amounts[unit] = amount
        elif unit == "spent" and program.counts_spent:
            line.spent_cents = amount
        elif amount:
            said = _("%(unit)s cannot be put on a card of “%(program)s”.")
            raise Unfit(said % {"program": program, "unit": MEANINGS[unit]})


def takes_opening(program: Program) -> bool:
    """Whether its cards are issued with what they hold, as gift cards and passes are."""
    try:
        program.opening(1)
    except LoyaltyError:
        return False
    return True


def _names(name: str) -> dict[str, str]:
    """Where there is one column for both, the last word is the family's, or what is before a
    comma."""
    if "," in name:
        last, _comma, first = name.partition(",")
    else:
        first, _space, last = name.rpartition(" ")
        first, last = (first, last) if first else (last, "")
    cleaned = {"first_name": first, "last_name": last}
    return {field: CLEANERS[field](said) for field, said in cleaned.items() if said.strip()}


def _card_number(said: str) -> str:
    number = said.replace(" ", "").replace("-", "")
    if not number.isascii() or not number.isalnum() or len(number) > LONGEST_CARD_NUMBER:
        said = _("A card's number has at most %d letters and digits.")
        raise Unfit(said % LONGEST_CARD_NUMBER)
    return number
