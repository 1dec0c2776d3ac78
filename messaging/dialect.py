"""The dialect of Liquid that texts are written in: outputs, filters, `if`, `unless` and `case`.

Nothing in it loops, assigns or includes, so a text takes time and memory in proportion to its
length. python-liquid's lexer does not: 20,000 braces kept it busy for 16 seconds. So `check` reads
each text first, in one pass, and refuses what the lexer would choke on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn, TextIO

from django.utils.translation import gettext as _
from liquid import BoundTemplate, Environment, RenderContext
from liquid.builtin.content import Literal
from liquid.builtin.illegal import Illegal
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.case_tag import CaseTag
from liquid.builtin.tags.comment_tag import CommentTag
from liquid.builtin.tags.if_tag import IfTag
from liquid.builtin.tags.unless_tag import UnlessTag
from liquid.exceptions import FilterArgumentError, LiquidError, UnknownFilterError

from messaging.errors import UnreadableText
from messaging.filters import FILTERS, written

LONGEST_TEXT = 50_000  # characters
LONGEST_TAG = 300
WIDEST_PADDING = 20
LARGEST_OUTPUT = 100_000  # bytes
DEEPEST = 10

BLOCKS = {
    "if": ("elsif", "else", "endif"),
    "unless": ("elsif", "else", "endunless"),
    "case": ("when", "else", "endcase"),
    "comment": ("endcomment",),
}
WORDS = {*BLOCKS, *(word for words in BLOCKS.values() for word in words)}

# What a value wrote into a text stands between these, until `letter` has told it from the author's
# words. No text or value holds them: they are control characters.
OPENS, CLOSES = "\x02", "\x03"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
DELIMITER = re.compile(r"\{\{|\{%|\}\}|%\}")
PARTNER = {"{{": "}}", "{%": "%}"}
FIRST_WORD = re.compile(r"-?\s*([a-z_]*)", re.IGNORECASE)


class ValueNode(OutputNode):
    """Writes a value between the marks."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = written(self.expression.evaluate(context))
        return buffer.write(f"{OPENS}{clean(value)}{CLOSES}")


class Value(Output):
    node_class = ValueNode


class Dialect(Environment):
    block_nesting_limit = DEEPEST
    output_stream_limit = LARGEST_OUTPUT
    # No tag here loops or assigns; should one be added, it starts out bounded.
    loop_iteration_limit = 100
    local_namespace_limit = 10_000

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        for tag in (Literal, Value, Illegal, IfTag, UnlessTag, CaseTag, CommentTag):
            self.add_tag(tag)
        for name, function in FILTERS.items():
            self.add_filter(name, function)


DIALECT = Dialect()


@lru_cache(maxsize=256)
def parse(source: str) -> BoundTemplate:
    """The parsed text; raises UnreadableText with the line and what is wrong there."""
    check(source)
    try:
        return DIALECT.from_string(source)
    except (LiquidError, RecursionError) as error:
        raise UnreadableText(explained(error, source)) from error


def clean(text: str) -> str:
    """Without control characters, which neither mail nor PostgreSQL takes, and with plain \\n."""
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def explained(error: Exception, source: str) -> str:
    """What the parser or renderer has to say, as a sentence with a line number."""
    if not isinstance(error, LiquidError):
        return _("This text is nested too deeply.")
    if isinstance(error, UnknownFilterError):
        return unknown_filter(str(error.message).removeprefix("unknown filter ").strip("'"))
    reason = str(error.message).rstrip(".")
    if isinstance(error, FilterArgumentError):
        reason = _("a filter is given something it does not take")
    start = max(error.token.start_index, 0) if error.token else 0
    return _unreadable(source.count("\n", 0, start) + 1, reason)


def unknown_filter(name: str) -> str:
    return _("There is no filter “%(name)s”; these there are: %(filters)s.") % {
        "name": name,
        "filters": ", ".join(FILTERS),
    }


# --- The first reading ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tag:
    line: int
    opens: str
    inside: str


def check(source: str) -> None:
    """Raise UnreadableText for a text that is too long, or whose braces or words do not fit."""
    if len(source) > LONGEST_TEXT:
        raise UnreadableText(_("This is longer than %d characters.") % LONGEST_TEXT)
    for tag in _tags(source):
        if len(tag.inside) > LONGEST_TAG:
            _refuse(tag.line, _("this is longer than %d characters") % LONGEST_TAG)
        if len(tag.inside) - len(tag.inside.strip()) > WIDEST_PADDING:
            _refuse(tag.line, _("there is too much space between the braces"))
        if tag.opens == "{%" and (word := _first_word(tag)) not in WORDS:
            name = word or tag.inside.strip()[:20]
            _refuse(tag.line, _("“%s” cannot be used here, only if, unless and case") % name)


def _tags(source: str) -> Iterator[Tag]:
    opened: re.Match[str] | None = None
    line, counted = 1, 0
    for found in DELIMITER.finditer(source):
        line, counted = line + source.count("\n", counted, found.start()), found.start()
        if opened is None:
            opened = found if found[0] in PARTNER else None
        elif found[0] == PARTNER[opened[0]]:
            yield Tag(line, opened[0], source[opened.end() : found.start()])
            opened = None
        else:
            _refuse(line, _("“%s” comes before the last braces were closed") % found[0])
    if opened:
        _refuse(line, _("“%s” is never closed") % opened[0])


def _first_word(tag: Tag) -> str:
    found = FIRST_WORD.match(tag.inside)
    return found[1] if found else ""


def _refuse(line: int, reason: str) -> NoReturn:
    raise UnreadableText(_unreadable(line, reason))


def _unreadable(line: int, reason: str) -> str:
    return _("Line %(line)d cannot be read: %(reason)s.") % {"line": line, "reason": reason}
