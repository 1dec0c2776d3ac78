"""Turns a rendered text into the two parts of a mail. Whatever a value says stays a value: it is
escaped in HTML, percent-encoded inside a link of the author's, and makes no link of its own."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from messaging.dialect import CLOSES, OPENS
from messaging.filters import Letterhead

MARKED = rf"{OPENS}[^{CLOSES}]*{CLOSES}"
# An address the author wrote, with the values in it; or else a value.
PIECE = re.compile(rf'(?P<link>https?://(?:[^\s<>"{OPENS}{CLOSES}]|{MARKED})+)|(?P<value>{MARKED})')
MARK = re.compile(rf"{OPENS}([^{CLOSES}]*){CLOSES}")
SENTENCE_END = ".,;:!?)]'’”"
BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def one_line(marked: str, longest: int = 250) -> str:
    """For a header: no line break survives, nor two spaces in a row."""
    return " ".join(_unmarked(marked).split())[:longest]


def plain(marked: str, head: Letterhead) -> str:
    """The plain-text part, signed with the business's name and address."""
    body = "".join(text for _is_link, text in _pieces(marked)).strip()
    signature = "\n".join(filter(None, (head.business, head.address.strip())))
    return f"{body}\n\n-- \n{signature}\n" if signature else f"{body}\n"


def html(subject: str, marked: str, head: Letterhead) -> str:
    """The HTML part: paragraphs and links in a mail that fits a phone and needs no stylesheet."""
    body = "".join(_linked(text) if is_link else escape(text) for is_link, text in _pieces(marked))
    paragraphs = [_broken(part) for part in BLANK_LINES.split(body.strip()) if part]
    return render_to_string(
        "messaging/mail.html", {"subject": subject, "paragraphs": paragraphs, "head": head}
    )


def _pieces(marked: str) -> Iterator[tuple[bool, str]]:
    """(is it a link?, its text) from beginning to end."""
    done = 0
    for found in PIECE.finditer(marked):
        yield False, marked[done : found.start()]
        if found["value"]:
            yield False, _unmarked(found["value"])
        else:
            link = MARK.sub(lambda value: quote(value[1], safe=""), found["link"])
            kept = link.rstrip(SENTENCE_END)
            yield True, kept
            yield False, link[len(kept) :]
        done = found.end()
    yield False, marked[done:]


def _unmarked(text: str) -> str:
    return MARK.sub(r"\1", text)


def _linked(address: str) -> str:
    safe = escape(address)
    return (
        f'<a href="{safe}" target="_blank" rel="noopener" '
        f'style="color:#0f5f6e;text-decoration:underline;word-break:break-word">{safe}</a>'
    )


def _broken(paragraph: str) -> SafeString:
    return mark_safe(paragraph.replace("\n", "<br>\n"))  # noqa: S308 (escaped piece by piece)
