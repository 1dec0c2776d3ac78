"""What a text says, and what its values cannot make it say."""

import pytest

from messaging import rendering
from messaging.filters import Letterhead

AURORA = Letterhead(
    business="Café Aurora",
    address="1 Harbour Street\nPortland",
    currency="USD",
    language="en",
    time_zone="America/New_York",
)
VALUES = {
    "customer.first_name": "Alice",
    "customer.birthday": "1990-02-03",
    "customer.tags": ["vip", "regular"],
    "customer.attributes.shoe size": "38",
    "card.stamps": 7,
    "card.points": 120,
    "order.total_cents": 19900,
    "order.placed_at": "2026-03-03T15:30:00+00:00",
    "event.rating": 4.5,
}


def said(body, values=VALUES, head=AURORA):
    return rendering.render("Hello", body, values, head).text.split("\n\n-- \n")[0].strip()


# --- What it says ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Hi {{ customer.first_name }}!", "Hi Alice!"),
        ("Hi {{ customer.last_name }}!", "Hi !"),
        ("Hi {{ customer.last_name | default: 'friend' }}", "Hi friend"),
        ("{{ customer.first_name | upcase }} {{ customer.first_name | upper }}", "ALICE ALICE"),
        ("{{ customer.first_name | downcase }} {{ 'X' | lower }}", "alice x"),
        ("{{ 'hello' | capitalize }}", "Hello"),
        ("{{ customer.tags }}", "vip, regular"),
        ("{{ customer.tags | join: ' and ' }}", "vip and regular"),
        ("{{ customer.tags.size }} {{ customer.tags.first }}", "2 vip"),
        ("{{ customer.attributes['shoe size'] }}", "38"),
        ("{{ 10 | minus: card.stamps }} to go", "3 to go"),
        ("{{ card.points | divided_by: 50 }}", "2"),
        ("{{ card.points | divided_by: 0 }}.", "."),
        ("{{ event.rating | times: 2 }}", "9"),
        ("{{ 10 | minus: card.missing }}.", "."),
        ("{{ order.total_cents | money }}", "$199.00"),
        ("{{ order.total_cents | money: 'JPY' }}", "¥19,900"),
        ("{{ customer.first_name | money }}", "Alice"),
        ("{{ customer.birthday | date }}", "February 3, 1990"),
        ("{{ customer.birthday | date: '%-d %B' }}", "3 February"),
        ("{{ order.placed_at | date: '%Y-%m-%d %H:%M' }}", "2026-03-03 10:30"),
        ("{{ customer.first_name | date: '%Y' }}", "Alice"),
        ("{{ 'abcdef' | truncate: 4 }}", "abc…"),
        ("{% if card.points >= 100 %}rich{% else %}poor{% endif %}", "rich"),
        ("{% if card.missing > 3 %}many{% endif %}none", "none"),
        ("{% if customer.tags contains 'vip' %}VIP{% endif %}", "VIP"),
        ("{% unless card.stamps == 7 %}no{% else %}yes{% endunless %}", "yes"),
        ("{% case card.stamps %}{% when 7 %}seven{% else %}other{% endcase %}", "seven"),
        ("{% comment %} not for {{ customer.eyes }} {% endcomment %}seen", "seen"),
        ("100 % {sure} }} %}", "100 % {sure} }} %}"),
    ],
)
def test_a_text_says_what_its_values_are(body, expected):
    assert said(body) == expected


def test_dates_and_money_are_written_as_the_reader_writes_them():
    german = Letterhead(currency="EUR", language="de-DE", time_zone="Europe/Berlin")

    text = said("{{ order.total_cents | money }}, {{ order.placed_at | date }}", head=german)

    assert text == "199,00\xa0€, 3. März 2026"


def test_an_unknown_language_is_written_as_english():
    assert (
        said("{{ customer.birthday | date }}", head=Letterhead(language="klingon"))[:8]
        == "February"
    )


def test_names_may_come_nested_or_dotted():
    nested = {"customer": {"first_name": "Alice"}, "event": {"cart": {"lines": [{"sku": "A1"}]}}}
    dotted = {"customer.first_name": "Alice", "event.cart": {"lines": [{"sku": "A1"}]}}
    body = "{{ customer.first_name }} {{ event.cart.lines[0].sku }}"

    assert said(body, nested) == said(body, dotted) == "Alice A1"


def test_rendering_does_not_change_the_values():
    values = {"event.cart": {"total": 1}, "event.cart.note": "x"}

    said("{{ event.cart.total }}{{ event.cart.note }}", values)

    assert values == {"event.cart": {"total": 1}, "event.cart.note": "x"}


def test_both_parts_carry_the_name_and_address_of_the_business():
    mail = rendering.render("Hello", "Come in.", {}, AURORA)

    assert mail.text == "Come in.\n\n-- \nCafé Aurora\n1 Harbour Street\nPortland\n"
    assert "Café Aurora" in mail.html
    assert "1 Harbour Street<br>Portland" in mail.html
    assert rendering.render("Hello", "{{ business.name }}", {}, AURORA).text.startswith("Café")


def test_paragraphs_and_lines_are_kept_in_html():
    mail = rendering.render("Hello", "One\nstill one\r\n\r\n\r\nTwo", {}, AURORA)

    assert mail.html.count("<p ") == 2
    assert "One<br>\nstill one</p>" in mail.html


# --- What a value cannot do -----------------------------------------------------------------------

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)> \"&'"


def test_a_name_with_markup_is_harmless():
    mail = rendering.render(
        "For {{ customer.first_name }}",
        "Dear {{ customer.first_name }}, see https://aurora.example/?n={{ customer.first_name }}",
        {"customer.first_name": MARKUP},
        AURORA,
    )

    assert "<script" not in mail.html
    assert "<img" not in mail.html
    assert "&lt;script&gt;" in mail.html
    assert "?n=%3Cscript%3E" in mail.html
    assert "Dear <script>" in mail.text


def test_markup_in_the_authors_text_is_text():
    assert "<b>" not in rendering.render("x", "<b>bold</b>", {}, AURORA).html


def test_only_links_the_author_wrote_become_links():
    mail = rendering.render(
        "x",
        "Dear {{ customer.first_name }}, our menu (https://aurora.example/menu?a=1&b=2).",
        {"customer.first_name": "https://evil.example/"},
        AURORA,
    )

    assert mail.html.count("<a ") == 1
    assert 'href="https://aurora.example/menu?a=1&amp;b=2"' in mail.html


def test_a_value_in_a_link_is_percent_encoded():
    mail = rendering.render(
        "x",
        "https://aurora.example/?who={{ customer.email }}&ok=1",
        {"customer.email": "a&b c@x.example"},
        AURORA,
    )

    assert "https://aurora.example/?who=a%26b%20c%40x.example&ok=1" in mail.text


@pytest.mark.parametrize(
    "name",
    [
        "Eve\r\nBcc: all@example.com",
        "Eve\nBcc: all@example.com",
        "Eve\rBcc: all@example.com",
        "Eve\x0b\x0c\x1c\x85\u2028Bcc: all@example.com",
        "Eve\x00Bcc: all@example.com",
    ],
)
def test_a_subject_is_one_line_whatever_a_name_holds(name):
    subject = rendering.render("Hi {{ customer.first_name }}", "x", {"customer.first_name": name})

    assert len(subject.subject.splitlines()) == 1
    assert subject.subject.isprintable()


def test_the_marks_between_text_and_value_cannot_be_forged():
    mail = rendering.render(
        "x", "Hi {{ customer.first_name }}\x02!", {"customer.first_name": "A\x03<b>\x02"}, AURORA
    )

    assert "<b>" not in mail.html
    assert "\x02" not in mail.html + mail.text
    assert "\x03" not in mail.html + mail.text
