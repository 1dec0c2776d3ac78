"""The schemes a shop may begin with: which segments there are, and who is in which.

Scores count from 1, the worst. A segment takes scores from–to; the first that fits is a customer's,
and the last one takes whoever is left.

The grid is Boomerangme's (its help on customer filters), where days since the last visit meet the
number of visits. The second has the names of Shopify's customer groups; what they mean in numbers
is ours. The third is the example of `rfm_segment` in the package `rfm` on CRAN: each score is a
fifth of all customers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
Span = tuple[int, int]

FIFTHS = 5
ALL: Span = (1, 99)


@dataclass(frozen=True, slots=True)
class Kind:
    """One segment of a scheme."""

    slug: str
    name: Text
    tone: str
    recency: Span = ALL
    visits: Span = ALL
    spent: Span = ALL


@dataclass(frozen=True, slots=True)
class Preset:
    """Bands by their upper ends, lowest first; none where customers are ranked in fifths."""

    slug: str
    name: Text
    help: Text
    kinds: tuple[Kind, ...]
    recency_days: tuple[int, ...] = ()
    visit_counts: tuple[int, ...] = ()

    @property
    def is_ranked(self) -> bool:
        return not self.recency_days


GRID = Preset(
    "grid",
    _("Grid of visits"),
    _("How long ago they came last, and how often they have come. Easy to explain."),
    (
        Kind("champions", _("Champions"), "good", (4, 4), (3, 3)),
        Kind("loyal", _("Loyal regulars"), "good", (3, 3), (3, 3)),
        Kind("needs_attention", _("Needs attention"), "warn", (2, 2), (3, 3)),
        Kind("growing", _("Growing"), "brand", (4, 4), (2, 2)),
        Kind("medium", _("Borderline"), "neutral", (3, 3), (2, 2)),
        Kind("at_risk", _("At risk"), "warn", (2, 2), (2, 2)),
        Kind("beginners", _("Beginners"), "blue", (4, 4), (1, 1)),
        Kind("doubtful", _("Doubtful"), "neutral", (3, 3), (1, 1)),
        Kind("sleeping", _("Sleeping"), "warn", (2, 2), (1, 1)),
        Kind("lost", _("Lost"), "bad"),
    ),
    recency_days=(30, 60, 90),
    visit_counts=(3, 7),
)
SHOPIFY = Preset(
    "shop",
    _("Eleven groups"),
    _("As web shops name them, from prospects who never came to champions."),
    (
        Kind("prospects", _("Prospects"), "neutral", visits=(1, 1)),
        Kind("champions", _("Champions"), "good", (5, 5), (5, 5)),
        Kind("loyal", _("Loyal"), "good", (4, 4), (4, 5)),
        Kind("active", _("Active"), "good", (5, 5), (4, 4)),
        Kind("promising", _("Promising"), "brand", (5, 5), (3, 3)),
        Kind("new", _("New"), "blue", (5, 5), (2, 2)),
        Kind("needs_attention", _("Needs attention"), "warn", (4, 4), (2, 3)),
        Kind("previously_loyal", _("Previously loyal"), "warn", (1, 3), (5, 5)),
        Kind("at_risk", _("At risk"), "warn", (3, 3), (2, 4)),
        Kind("almost_lost", _("Almost lost"), "bad", (2, 2), (2, 4)),
        Kind("dormant", _("Dormant"), "bad"),
    ),
    recency_days=(30, 60, 120, 240),
    visit_counts=(0, 1, 3, 7),
)
RANKED = Preset(
    "ranked",
    _("Fifths, with money"),
    _("Everybody is compared with everybody: the best fifth has a 5, in days, visits and money."),
    (
        Kind("champions", _("Champions"), "good", (5, 5), (5, 5), (5, 5)),
        Kind("potential_loyalist", _("Potential loyalists"), "brand", (3, 5), (3, 5), (2, 5)),
        Kind("loyal", _("Loyal"), "good", (2, 4), (2, 4), (2, 4)),
        Kind("promising", _("Promising"), "brand", (3, 4), (1, 3), (3, 5)),
        Kind("new", _("New"), "blue", (4, 5), (1, 3), (1, 5)),
        Kind("cannot_lose", _("Cannot lose them"), "bad", (1, 2), (3, 4), (4, 5)),
        Kind("at_risk", _("At risk"), "warn", (1, 2), (2, 5), (4, 5)),
        Kind("needs_attention", _("Needs attention"), "warn", (1, 3), (3, 5), (3, 5)),
        Kind("about_to_sleep", _("About to sleep"), "warn", (2, 3), (1, 3), (1, 4)),
        Kind("lost", _("Lost"), "bad", (1, 1), (1, 5), (1, 5)),
        Kind("others", _("Others"), "neutral"),
    ),
)
PRESETS: Mapping[str, Preset] = {each.slug: each for each in (GRID, SHOPIFY, RANKED)}

# A condition may still name a segment of the scheme that was left.
EVERY_NAME: Mapping[str, Text] = {
    kind.slug: kind.name for preset in (RANKED, SHOPIFY, GRID) for kind in preset.kinds
}
