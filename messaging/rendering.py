"""Texts with merge tags: what is wrong with one, which names it uses, what it says to someone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from liquid.exceptions import LiquidError

from messaging import dialect, letter
from messaging.errors import UnreadableText
from messaging.filters import FILTERS, LETTERHEAD, Letterhead
from messaging.names import OPEN, USUAL

PLAIN = Letterhead()
# `customer.tags.size` asks something of the value `customer.tags`.
QUESTIONS = {"size", "first", "last"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is said: `subject` is one line, `text` plain, `html` a whole document; `url` is where a
    push leads."""

    subject: str
    text: str
    html: str
    url: str = ""

    @property
    def unsigned(self) -> str:
        """The text without the signature below it."""
        return self.text.partition("\n-- \n")[0].strip()


def problems(text: str, known: Callable[[str], bool]) -> list[str]:
    """Why the text may not be published, a sentence each; empty when it may."""
    text = dialect.clean(text)
    try:
        template = dialect.parse(text)
    except UnreadableText as error:
        return [error.note]
    filters = [name for name in template.analyze().filters if name not in FILTERS]
    found = [dialect.unknown_filter(name) for name in sorted(filters)]
    found += [_unknown(name) for name in sorted(_names_in(text)) if not known(name)]
    return found or _problems_when_rendered(text)


@lru_cache(maxsize=1024)
def names_used(subject: str, body: str) -> frozenset[str]:
    """The dotted names of the values both texts need; none of a text that cannot be read."""
    try:
        return frozenset((*_names_in(subject), *_names_in(body)))
    except UnreadableText:
        return frozenset()


def render(
    subject: str, body: str, names: Mapping[str, Any], letterhead: Letterhead = PLAIN
) -> Rendered:
    """What the texts say with these values; a missing one says nothing.

    `names` are dotted names or nested dicts. Raises UnreadableText.
    """
    values = _tree(names)
    values.setdefault("business", {"name": letterhead.business, "address": letterhead.address})
    said = letter.one_line(_marked(subject, values, letterhead))
    marked = _marked(body, values, letterhead)
    return Rendered(said, letter.plain(marked, letterhead), letter.html(said, marked, letterhead))


def _marked(source: str, values: dict[str, Any], letterhead: Letterhead) -> str:
    source = dialect.clean(source)
    try:
        return dialect.parse(source).render({**values, LETTERHEAD: letterhead})
    except (LiquidError, RecursionError) as error:
        raise UnreadableText(dialect.explained(error, source)) from error


def _problems_when_rendered(text: str) -> list[str]:
    """What only shows when it is tried, such as a filter with too many arguments."""
    try:
        _marked(text, {}, PLAIN)
    except UnreadableText as error:
        return [error.note]
    return []


def _names_in(text: str) -> Iterator[str]:
    for variables in dialect.parse(dialect.clean(text)).analyze().globals.values():
        for variable in variables:
            yield _dotted(variable.segments)


def _dotted(segments: list[Any]) -> str:
    """`order.lines[0].title` needs `order.lines`; what stands in brackets is looked up in it."""
    parts: list[str] = []
    for segment in segments:
        if not isinstance(segment, str):
            break
        parts.append(segment)
    stem = ".".join(parts[:-1])
    # … but `customer.attributes.size` is somebody's attribute.
    return stem if parts[-1] in QUESTIONS and stem and stem not in OPEN else ".".join(parts)


def _tree(names: Mapping[str, Any]) -> dict[str, Any]:
    """`{"card.points": 3}` as `{"card": {"points": 3}}`; the shorter name goes first."""
    tree: dict[str, Any] = {}
    for name in sorted(names):
        *path, last = name.split(".")
        branch = tree
        for part in path:
            below = branch.get(part)
            branch[part] = dict(below) if isinstance(below, Mapping) else {}
            branch = branch[part]
        branch[last] = names[name]
    return tree


def _unknown(name: str) -> str:
    near = get_close_matches(name, USUAL, n=1)
    if near:
        return _("There is no {{ %(name)s }}. Did you mean {{ %(near)s }}?") % {
            "name": name,
            "near": near[0],
        }
    return _("There is no {{ %(name)s }}.") % {"name": name}
