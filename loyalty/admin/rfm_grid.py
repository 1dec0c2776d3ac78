"""How everybody is shown on one grid: days since the last visit by number of visits."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.models import RfmStanding
from loyalty.rfm import Kind, Scheme

Counts = dict[tuple[int, int, str], int]

# A cell with that share of all customers, or more, is as dark as cells are.
HEATS = (0.005, 0.03, 0.08, 0.15, 0.3)


@dataclass(frozen=True, slots=True)
class Cell:
    """`kinds` are the segments in it, the largest first; of an empty one, what it would be."""

    n: int
    share: float
    url: str
    kinds: list[Kind]
    names: str

    @property
    def heat(self) -> int:
        return sum(self.share >= least for least in HEATS) if self.n else 0

    @property
    def tone(self) -> str:
        return self.kinds[0].tone


@dataclass(frozen=True, slots=True)
class Part:
    """One segment in the list below the grid."""

    kind: Kind
    name: str
    n: int
    percent: float
    url: str


@dataclass(slots=True)
class Grid:
    columns: list[str]
    rows: list[tuple[str, list[Cell]]] = field(default_factory=list)


def counted() -> Counts:
    """How many stand where: by scores and segment."""
    rows = RfmStanding.objects.values_list("recency", "visits", "segment").annotate(Count("pk"))
    return {(recency, visits, segment): n for recency, visits, segment, n in rows.order_by()}


def grid(scheme: Scheme, counted: Counts, everybody: int) -> Grid:
    """The best days first, the fewest visits first, as one reads it."""
    visits = range(1, scheme.visit_scores + 1)
    grid = Grid(_visit_words(scheme))
    words = _recency_words(scheme)
    for place, recency in enumerate(range(scheme.recency_scores, 0, -1)):
        cells = [_cell(scheme, counted, everybody, recency, often) for often in visits]
        grid.rows.append((words[place], cells))
    return grid


def _cell(
    scheme: Scheme,
    counted: Counts,
    everybody: int,
    recency: int,
    visits: int,
) -> Cell:
    by_slug = {kind.slug: kind for kind in scheme.kinds}
    there = [
        (n, by_slug[slug])
        for (r, f, slug), n in counted.items()
        if (r, f) == (recency, visits) and slug in by_slug
    ]
    n = sum(each for each, _kind in there)
    ordered = [kind for _n, kind in sorted(there, key=lambda each: -each[0])]
    kinds = ordered or [scheme.kind_at(recency, visits)]
    return Cell(
        n,
        n / everybody if everybody else 0,
        _customers(cell=f"{recency}-{visits}"),
        kinds,
        ", ".join(scheme.name(kind.slug) for kind in kinds),
    )


def parts(scheme: Scheme, counted: Counts, everybody: int) -> list[Part]:
    sizes: dict[str, int] = {}
    for (_recency, _visits, slug), n in counted.items():
        sizes[slug] = sizes.get(slug, 0) + n
    return [
        Part(
            kind,
            scheme.name(kind.slug),
            n := sizes.get(kind.slug, 0),
            100 * n / everybody if everybody else 0,
            _customers(rfm=kind.slug),
        )
        for kind in scheme.kinds
    ]


def _recency_words(scheme: Scheme) -> list[str]:
    if scheme.preset.is_ranked:
        return _fifths(scheme.recency_scores, best_first=True)
    said, low = [], 0
    for high in scheme.recency_days:
        said.append(_("%(low)d–%(high)d days ago") % {"low": low, "high": high})
        low = high + 1
    return [*said, _("longer ago")]


def _visit_words(scheme: Scheme) -> list[str]:
    if scheme.preset.is_ranked:
        return _fifths(scheme.visit_scores, best_first=False)
    said, low = [], 0
    for high in scheme.visit_counts:
        words = {"low": low, "high": high}
        said.append(_("%(low)d–%(high)d visits") % words if low < high else _visits(high))
        low = high + 1
    return [*said, _("%(low)d visits or more") % {"low": low}]


def _visits(n: int) -> str:
    return ngettext("%(n)d visit", "%(n)d visits", n) % {"n": n}


def _fifths(scores: int, *, best_first: bool) -> list[str]:
    said = [str(score) for score in range(1, scores + 1)]
    said[0], said[-1] = _("1, the lowest fifth"), _("%(n)d, the best fifth") % {"n": scores}
    return said[::-1] if best_first else said


def _customers(**query: str) -> str:
    return f"{reverse('admin:loyalty_customer_changelist')}?{urlencode(query)}"
