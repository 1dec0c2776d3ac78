"""The scheme as the shop has it: a preset with its own thresholds and names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from loyalty.errors import Invalid
from loyalty.models import Rfm
from loyalty.rfm.presets import EVERY_NAME, FIFTHS, PRESETS, Kind, Preset, Text

MOST_DAYS = 3_650
MOST_VISITS = 10_000
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Scheme:
    """`recency_days` and `visit_counts` as in the preset; empty where customers are ranked."""

    preset: Preset
    recency_days: tuple[int, ...]
    visit_counts: tuple[int, ...]
    names: Mapping[str, str]
    frequency_window_days: int | None = None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return self.preset.kinds

    @property
    def recency_scores(self) -> int:
        return FIFTHS if self.preset.is_ranked else len(self.recency_days) + 1

    @property
    def visit_scores(self) -> int:
        return FIFTHS if self.preset.is_ranked else len(self.visit_counts) + 1

    def name(self, slug: str) -> str:
        """What the shop calls that segment; of another scheme's, what that one does."""
        return self.names.get(slug) or str(EVERY_NAME.get(slug, slug))

    def kind_at(self, recency: int, visits: int, spent: int = 1) -> Kind:
        """The first that fits those scores."""
        scores = (recency, visits, spent)
        fitting = (
            kind
            for kind in self.kinds
            if all(
                low <= score <= high
                for score, (low, high) in zip(
                    scores, (kind.recency, kind.visits, kind.spent), strict=True
                )
            )
        )
        return next(fitting, self.kinds[-1])


def settings() -> Rfm:
    """The row, or what it is before anybody saved one."""
    row = Rfm.objects.filter(pk=1).first()
    if row is None:
        grid = PRESETS["grid"]
        row = Rfm(pk=1, recency_days=[*grid.recency_days], visit_counts=[*grid.visit_counts])
    return row


def of(row: Rfm) -> Scheme:
    preset = PRESETS[row.preset]
    return Scheme(
        preset,
        tuple(row.recency_days),
        tuple(row.visit_counts),
        row.names,
        row.frequency_window_days,
    )


def current() -> Scheme:
    return of(settings())


def checked(
    preset_slug: str,
    recency_days: list[int],
    visit_counts: list[int],
    names: Mapping[str, str],
    frequency_window_days: int | None,
) -> Scheme:
    """A scheme that can be counted with; raises Invalid. A preset that ranks has no thresholds."""
    if preset_slug not in PRESETS:
        raise Invalid({"preset": [_("There is no such scheme.")]})
    preset = PRESETS[preset_slug]
    if preset.is_ranked:
        recency_days, visit_counts = [], []
    problems = {
        **_ends(recency_days, preset.recency_days, "recency_days", MOST_DAYS),
        **_ends(visit_counts, preset.visit_counts, "visit_counts", MOST_VISITS),
    }
    if frequency_window_days is not None and not 1 <= frequency_window_days <= MOST_DAYS:
        said = _("This must lie between %(low)d and %(high)d.") % {"low": 1, "high": MOST_DAYS}
        problems["frequency_window_days"] = [said]
    if problems:
        raise Invalid(problems)
    own = {kind.slug: str(kind.name) for kind in preset.kinds}
    named = {
        slug: name.strip()[:LONGEST_NAME]
        for slug, name in names.items()
        if slug in own and name.strip() and name.strip() != own[slug]
    }
    return Scheme(preset, tuple(recency_days), tuple(visit_counts), named, frequency_window_days)


def _ends(given: list[int], known: tuple[int, ...], name: str, most: int) -> dict[str, list[str]]:
    """Upper ends of bands: as many as the scheme has, each above the one before."""
    climbs = all(low < high for low, high in pairwise(given))
    if len(given) == len(known) and climbs and all(0 <= each <= most for each in given):
        return {}
    return {name: [_("Each number must be higher than the one before.")]}


class Names(Mapping[str, Text]):
    """Every segment a condition may name; listed are those of the scheme the shop has, asked of the
    database at that moment."""

    def __getitem__(self, slug: str) -> Text:
        return EVERY_NAME[slug]

    def __iter__(self) -> Iterator[str]:
        return iter([kind.slug for kind in current().kinds])

    def __len__(self) -> int:
        return len(current().kinds)

    def items(self) -> Any:
        scheme = current()
        return {kind.slug: scheme.name(kind.slug) for kind in scheme.kinds}.items()


NAMES = Names()
