"""What a text may not do: lint at publishing, and limits at sending."""

import time

import pytest

from loyalty.fields import EVERYTHING
from messaging import rendering
from messaging.errors import UnreadableText
from messaging.names import OF_BUSINESS


def known(name: str) -> bool:
    """Whether a text may use it where nothing is known of its triggers and programs."""
    return name in OF_BUSINESS or EVERYTHING.find(name) is not None


# --- What is wrong with a text --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{ custmer.first_name }}", "Did you mean {{ customer.first_name }}?"),
        ("{{ customer }}", "There is no {{ customer }}"),
        ("{{ customer[event.x] }}", "There is no {{ customer }}"),
        ("{{ now }}", "There is no {{ now }}."),
        ("{{ customer.first_name", "“{{” is never closed"),
        ("one\ntwo\n{{ a {{ b }}", "Line 3 cannot be read"),
        ("{% if card.points > 3 %}", "Line 1 cannot be read: expected tag endif"),
        ("{{ customer.first_name | shout }}", "There is no filter “shout”"),
        ("{{ customer.first_name | upcase: 3 }}", "something it does not take"),
        ("{% for t in customer.tags %}{{ t }}{% endfor %}", "“for” cannot be used here"),
        ("{% assign a = 1 %}", "“assign” cannot be used here"),
        ("{% include 'settings' %}", "“include” cannot be used here"),
        ("{% raw %}x{% endraw %}", "“raw” cannot be used here"),
        ("{% liquid echo 1 %}", "“liquid” cannot be used here"),
        ("{{" + " " * 21 + "}}", "too much space"),
        ("{% # note %}", "cannot be used here"),
        ("{{ }}", "Line 1 cannot be read"),
        ("{% if %}{% endif %}", "Line 1 cannot be read"),
        ("x" * 50_001, "longer than 50000 characters"),
        ("{{ 'x' | default: '" + "y" * 300 + "' }}", "longer than 300 characters"),
    ],
)
def test_a_problem_is_said_in_words(text, problem):
    problems = rendering.problems(text, known)

    assert len(problems) == 1
    assert problem in problems[0]


def test_every_unknown_name_is_said():
    assert len(rendering.problems("{{ customer.eyes }} {{ card.colour }}", known)) == 2


@pytest.mark.parametrize(
    "body",
    [
        "Hi {{ customer.first_name | default: 'you' }}, {{ cards.aurora.points }} {{ event.x.y }}",
        "{{ customer.attributes.size }} {{ event.lines[0].title }} {{ business.name }}",
        "{% if customer.tags contains 'vip' %}{{ card.stamps }}{% endif %}",
        "",
    ],
)
def test_a_good_text_has_no_problems(body):
    assert rendering.problems(body, known) == []


def test_the_names_a_text_needs_are_found():
    names = rendering.names_used(
        "Hi {{ customer.first_name }}",
        "{% if card.points > 3 %}{{ order.lines[0].title | default: event.note }}{% endif %}"
        "{{ customer.tags.size }}",
    )

    assert names == {
        "customer.first_name",
        "card.points",
        "order.lines",
        "event.note",
        "customer.tags",
    }


def test_a_text_that_cannot_be_read_needs_no_names():
    assert rendering.names_used("{{", "{% x %}") == frozenset()


# --- What a text cannot do ------------------------------------------------------------------------

NASTY = {
    "braces": "{{" * 25_000,
    "tags": "{%" * 25_000,
    "closers": "}}" * 25_000,
    "single braces": "{" * 50_000,
    "spaces": "{{" + " " * 49_000 + "}}",
    "many spaces": ("{{" + " " * 290 + "}}") * 100,
    "dashes": "{{-" * 16_000,
    "raw": "{% comment %}" + "{% raw %}" * 5_000 + "{% endcomment %}",
    "loop": "{% for i in (1..1000000000) %}x{% endfor %}",
    "nested loops": "{% for a in (1..9999) %}{% for b in (1..9999) %}x{% endfor %}{% endfor %}",
    "table": "{% tablerow i in (1..1000000000) %}x{% endtablerow %}",
    "range": "{{ (1..1000000000) | join: 'x' }}",
    "size of range": "{{ (1..1000000000) | size }}",
    "doubling": "{% assign a = 'xx' %}" + "{% assign a = a | append: a %}" * 60,
    "replace": "{{ 'a'" + " | replace: 'a', 'aaaaaaaaaa'" * 9 + " }}",
    "centre": "{{ 'a' | center: 999999999 }}",
    "padding": "{{ customer.birthday | date: '%999999999d' }}",
    "huge number": "{{ 9 | times: 999999999999999 | times: 999999999999999 }}",
    "long number": "{{ " + "9" * 290 + " | plus: 1 }}",
    "exponent": "{{ '1e1000000' | plus: 1 | money }}",
    "deep ifs": "{% if true %}" * 3_000 + "{% endif %}" * 3_000,
    "long or": "{% if " + "a or " * 55 + "a %}x{% endif %}",
    "deep brackets": "{{ " + "a[" * 95 + "b" + "]" * 95 + " }}",
    "many elsifs": "{% if a %}" + "{% elsif a %}" * 3_500 + "{% endif %}",
    "many filters": "{{ 'x'" + " | upper" * 32 + " }}",
    "many values": "{{ event.blob }}" * 3_000,
    "many dates": "{{ customer.birthday | date: '%A %B %d %Y' }}" * 1_000,
    "many joins": "{{ event.list | join: event.blob | size }}" * 1_100,
    "date by value": "{{ customer.birthday | date: event.blob }}" * 1_200,
    "include": "{% include 'x' %}{% render 'x' %}",
    "attributes": "{{ customer.__class__.__mro__ }}{{ ''.__class__ }}{{ settings.SECRET_KEY }}",
    "unclosed": "{% if a %}" * 5_000,
}


@pytest.mark.parametrize("body", NASTY.values(), ids=NASTY)
def test_a_nasty_text_takes_little_time_and_room(body):
    values = {
        "customer.birthday": "1990-02-03",
        "event.blob": "%d <&" * 3_000,
        "event.list": ["x"] * 5_000,
    }
    started = time.process_time()

    try:
        mail = rendering.render("x", body, values)
        longest = len(mail.text)
    except UnreadableText as error:
        longest = len(error.note)
    rendering.problems(body, known)

    assert longest < 110_000
    assert time.process_time() - started < 2


def test_nothing_of_python_can_be_reached():
    names = ("name.__class__", "tags.__len__", "items", "name.upper", "tags.append")
    body = "".join(f"{{{{ event.{name} }}}}" for name in names)

    mail = rendering.render("x", body, {"event": {"name": "x", "tags": ["y"]}})

    assert mail.text == "\n"
