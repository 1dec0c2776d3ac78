"""The branches of a fork as rows of a form: a name each, and a share or a condition.

What is typed stays text until it is saved; what is in the column is `automations.branches`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from string import ascii_lowercase
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automations import branches
from automations.branches import Branches
from automations.editor import rows
from automations.editor.rows import Rows
from loyalty.fields import FieldSet

Held = Mapping[str, int]  # how many steps stand in each branch that is there


@dataclass(frozen=True, slots=True)
class Row:
    """`branch` is empty for one that is not there yet. `focus` names the control that the last
    press was about."""

    branch: str = ""
    label: str = ""
    share: str = ""
    filter: Rows = field(default_factory=Rows)
    error: str = ""
    is_wrong: bool = False  # also where its condition says why
    focus: str = ""

    @property
    def spoken(self) -> str:
        return self.label or (branches.spoken(self.branch) if self.branch else "")


# --- from the column, and from what was posted ---------------------------------------------------


def from_column(value: Any, fields: FieldSet) -> list[Row]:
    return [
        Row(
            row["branch"],
            row.get("label", ""),
            str(row.get("share", "")),
            rows.from_tree(row.get("filter"), fields),
        )
        for row in value or []
    ]


def from_post(data: Mapping[str, Any], prefix: str, column: Branches, held: Held) -> list[Row]:
    """The rows as they were sent, after what the pressed button asks for."""
    total = str(data.get(f"{prefix}-total", "0"))
    count = min(int(total), column.most) if total.isdecimal() and len(total) < 4 else 0
    sent = [_sent(data, f"{prefix}-{at}") for at in range(count)]
    return _pressed(sent, str(data.get(f"{prefix}-rows", "")), column, held)


def _sent(data: Mapping[str, Any], prefix: str) -> Row:
    def text(part: str) -> str:
        return str(data.get(f"{prefix}-{part}", "")).strip()

    return Row(
        text("branch"), text("label"), text("share"), rows.from_post(data, f"{prefix}-filter")
    )


def _pressed(sent: list[Row], button: str, column: Branches, held: Held) -> list[Row]:
    match button.split("-"):
        case ["add"]:
            return [*sent, Row(focus="label")][: column.most]
        case [action, number] if number.isdecimal() and int(number) < len(sent):
            at = int(number)
            return _removed(sent, at, held) if action == "remove" else _moved(sent, at, action)
    return sent


def _removed(sent: list[Row], at: int, held: Held) -> list[Row]:
    if problem := still_held(sent[at], held):
        return [
            *sent[:at],
            replace(sent[at], error=problem, is_wrong=True, focus="remove"),
            *sent[at + 1 :],
        ]
    return sent[:at] + sent[at + 1 :]


def still_held(row: Row, held: Held) -> str:
    """Why it cannot be taken away; nothing where nothing stands in it."""
    n = held.get(row.branch, 0)
    said = ngettext(
        "%(n)d step stands in “%(branch)s”. Move or delete it first.",
        "%(n)d steps stand in “%(branch)s”. Move or delete them first.",
        n,
    )
    return said % {"n": n, "branch": row.spoken} if n else ""


def _moved(sent: list[Row], at: int, way: str) -> list[Row]:
    to = at + {"up": -1, "down": 1}.get(way, 0)
    if to == at or not 0 <= to < len(sent):
        return sent
    others = sent[:at] + sent[at + 1 :]
    return [*others[:to], replace(sent[at], focus=way), *others[to:]]


# --- names ---------------------------------------------------------------------------------------


def named(sent: list[Row], column: Branches) -> list[Row]:
    """With a lane's name for each that is new: by what staff call it; a share's after the others,
    because the ranges stand in the order of the names and nobody should move for a new one."""
    taken = {column.reserved, *(row.branch for row in sent)}
    found = []
    for at, row in enumerate(sent, start=1):
        if not row.branch:
            name = _after(taken) if column.own == "share" else _slug(row.label, at, taken)
            row = replace(row, branch=name)
        taken.add(row.branch)
        found.append(row)
    return found


def _after(taken: set[str]) -> str:
    last = max((name for name in taken if name != "holdout"), default="")
    return next((letter for letter in ascii_lowercase if letter > last), f"{last[:39]}z")


def _slug(label: str, at: int, taken: set[str]) -> str:
    stem = slugify(label)[:36].strip("-") or f"way-{at}"
    numbered = (f"{stem}-{n}" for n in range(2, len(taken) + 3))
    return stem if stem not in taken else next(name for name in numbered if name not in taken)


def whole(text: str) -> int | None:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 4 else None


def total(sent: list[Row]) -> int:
    return sum(whole(row.share) or 0 for row in sent)


def share_of(row: Row) -> tuple[int, str]:
    """The share and, where it is none, why."""
    share = whole(row.share)
    if share is None or share > 100:
        return 0, _("Type a whole number from 0 to 100.")
    return share, ""
