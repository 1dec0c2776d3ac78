"""Branches that staff name themselves: a column of `{"branch", "label", …}` in their order.

`branch` is the lane's name and stays while steps stand in it; `label` is what staff call it.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from automations import filters
from automations.inputs import Input
from automations.problems import Findings, Invalid, refuse
from loyalty import cleaning
from loyalty.cleaning import Unfit
from loyalty.fields import EVERYTHING

NAME = re.compile(r"[-a-zA-Z0-9_]{1,40}")
LONGEST_LABEL = 60
LABEL = cleaning.text(LONGEST_LABEL)

Row = dict[str, Any]
# The path of one part of the row at that place.
Where = Callable[[int, str], str]


class Branches(models.JSONField):
    """A list of rows; each kind says how many, and what every row has besides name and label."""

    fewest: ClassVar[int] = 2
    most: ClassVar[int] = 12
    own: ClassVar[str] = ""
    reserved: ClassVar[str] = ""

    def clean(self, value: Any, model_instance: models.Model | None) -> list[Row]:
        super().clean(value, model_instance)
        try:
            return self.fit(value, listed(""))
        except Invalid as invalid:
            said = [
                f"{path}: {text}" if path else text
                for path, texts in invalid.fields.items()
                for text in texts
            ]
            raise ValidationError(said) from None

    def fit(self, rows: Any, where: Where) -> list[Row]:
        """The rows, made fit; raises Invalid naming everything that is wrong."""
        if not isinstance(rows, list):
            raise refuse(where(-1, ""), _("This must be a list."))
        if not self.fewest <= len(rows) <= self.most:
            bounds = {"fewest": self.fewest, "most": self.most}
            raise refuse(
                where(-1, ""), _("There must be %(fewest)d to %(most)d branches.") % bounds
            )
        findings = Findings()
        fit: list[Row] = []
        for at, row in enumerate(rows):
            taken = {other["branch"] for other in fit}
            with findings.collecting():
                fit.append(self._row(row, taken, partial(where, at)))
        findings.stop_if_any()
        return fit

    def _row(self, row: Any, taken: set[str], where: Callable[[str], str]) -> Row:
        if not isinstance(row, dict):
            raise refuse(where(""), _("This must be an object."))
        findings = Findings()
        for name in row.keys() - {"branch", "label", self.own}:
            findings.add(where(name), _("There is no such field."))
        fit: Row = {"branch": row.get("branch")}
        if problem := self.wrong_name(fit["branch"], taken):
            findings.add(where("branch"), problem)
        try:
            if label := LABEL(row.get("label")):
                fit["label"] = label
        except Unfit as reason:
            findings.add(where("label"), str(reason))
        if self.own:
            with findings.collecting():
                fit[self.own] = self.fit_own(row.get(self.own), where(self.own))
        findings.stop_if_any()
        return fit

    def wrong_name(self, name: Any, taken: set[str]) -> str:
        """Why a branch cannot be called so; nothing where it can."""
        if not isinstance(name, str) or not NAME.fullmatch(name):
            return _("Letters, digits, hyphens and underscores only, and not too many.")
        if name == self.reserved:
            return _("“%(name)s” is taken: every step of this kind has it.") % {"name": name}
        return _("Another branch is called so.") if name in taken else ""

    def fit_own(self, value: Any, path: str) -> Any:
        raise NotImplementedError


class Names(Branches):
    """Names alone."""

    most = 10


class Cases(Branches):
    """Each with the condition of who goes there."""

    own = "filter"
    reserved = "else"

    def fit_own(self, value: Any, path: str) -> Any:
        return filters.read(value, EVERYTHING, path)


class Shares(Branches):
    """Each with whole percentages, which sum to 100."""

    fewest = 1
    own = "share"
    reserved = "holdout"

    def fit(self, rows: Any, where: Where) -> list[Row]:
        fit = super().fit(rows, where)
        total = sum(row["share"] for row in fit)
        if total != 100:
            raise refuse(
                where(-1, ""), _("The shares must sum to 100; now it is %(sum)d.") % {"sum": total}
            )
        return fit

    def fit_own(self, value: Any, path: str) -> int:
        try:
            share: int = cleaning.integer(0, 100)(value)
        except Unfit as reason:
            raise refuse(path, str(reason)) from None
        return share


# --- between the column and the portable form ----------------------------------------------------


def listed(path: str) -> Where:
    """Paths in a list of rows: `cases[1].filter`, and `path` itself for the whole of it."""

    def where(at: int, part: str) -> str:
        row = f"{path}[{at}]" if at >= 0 else path
        return f"{row}.{part}" if part else row

    return where


def keyed(names: list[Any], paths: Mapping[str, str]) -> Where:
    """Paths where an object has a part of each branch under its name: `shares.a`, `labels.a`."""

    def where(at: int, part: str) -> str:
        return f"{paths[part]}.{names[at]}" if part in paths and at >= 0 else paths[""]

    return where


def labels_of(rows: list[Row]) -> dict[str, str]:
    """What the lanes are called: as staff say, else by their names."""
    return {row["branch"]: row.get("label") or spoken(row["branch"]) for row in rows}


def spoken(name: str) -> str:
    return str(capfirst(name.replace("-", " ").replace("_", " ").strip() or name))


def portable_labels(rows: list[Row]) -> dict[str, Any]:
    labels = {row["branch"]: row["label"] for row in rows if row.get("label")}
    return {"labels": labels} if labels else {}


def some(labels: "list[str | Promise]", most: int = 3) -> str:
    """“Gold, Silver, Bronze and 4 more”."""
    shown, rest = ", ".join(str(label) for label in labels[:most]), len(labels) - most
    return _("%(some)s and %(n)d more") % {"some": shown, "n": rest} if rest > 0 else shown


def refuse_strangers(labels: Mapping[str, Any], names: Collection[str], path: str) -> None:
    """Labels are only for branches that are there."""
    findings = Findings()
    for name in labels.keys() - set(names):
        findings.add(f"{path}.{name}", _("There is no such branch."))
    findings.stop_if_any()


def _labels(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unfit(_("This must be an object."))
    return value


def labels_input() -> Input:
    """What staff call the branches, by their names; each is checked with its row."""
    shape = {"type": "string", "maxLength": LONGEST_LABEL}
    return Input(_labels, {"type": "object", "additionalProperties": shape})
