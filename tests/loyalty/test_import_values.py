"""What cells say: numbers, money, dates, phones and yes or no, as people write them."""

from datetime import date

import pytest

from loyalty.cleaning import Unfit
from loyalty.errors import Invalid
from loyalty.imports import Layout, values
from loyalty.imports.columns import guessed


@pytest.mark.parametrize(
    ("cell", "decimal", "currency", "cents"),
    [
        ("12.50", ".", "USD", 1250),
        ("12,50", ",", "EUR", 1250),
        ("1,234.56", ".", "USD", 123_456),
        ("1.234,56", ",", "EUR", 123_456),
        ("1'234.56", ".", "CHF", 123_456),
        ("1 234,56 €", ",", "EUR", 123_456),
        ("CHF 7.-", ".", "CHF", 700),
        ("$7", ".", "USD", 700),
        ("500", ".", "JPY", 500),
        ("1.5", ".", "JPY", None),
        ("1.234", ".", "KWD", 1234),
        ("0.125", ".", "USD", None),
        ("0.120", ".", "USD", 12),
        (0.1 + 0.2, ".", "USD", 30),
        (1.15, ",", "EUR", 115),
        (1.005, ".", "USD", None),
        ("12,5", ".", "USD", None),
        ("1,23,456", ".", "USD", None),
        ("-5", ".", "USD", None),
        ("1e9", ".", "USD", None),
        ("NaN", ".", "USD", None),
        ("1" * 41, ".", "USD", None),
        (float("1e300"), ".", "USD", None),
        (True, ".", "USD", None),
        ("١٢", ".", "USD", None),
    ],
)
def test_money_is_never_rounded(cell, decimal, currency, cents):
    if cents is None:
        with pytest.raises(Unfit):
            values.cents(cell, decimal, currency)
    else:
        assert values.cents(cell, decimal, currency) == cents


@pytest.mark.parametrize(
    ("cell", "whole"),
    [("12", 12), (12, 12), (12.0, 12), ("12.0", 12), ("1,200", 1200), ("0", 0)]
    + [(each, None) for each in ("12.5", 12.5, -1, 10**9 + 1, "twelve", "1 2")],
)
def test_numbers_are_whole(cell, whole):
    if whole is None:
        with pytest.raises(Unfit):
            values.whole(cell, ".")
    else:
        assert values.whole(cell, ".") == whole


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [
        ("1990-02-28", "mdy", date(1990, 2, 28)),
        ("28.2.1990", "dmy", date(1990, 2, 28)),
        ("02/28/1990", "mdy", date(1990, 2, 28)),
        ("1990/2/28", "dmy", date(1990, 2, 28)),
        ("28.02.90", "dmy", date(1990, 2, 28)),
        ("28.02.12", "dmy", date(2012, 2, 28)),
        ("1990-02-28 00:00:00", "dmy", date(1990, 2, 28)),
        ("1990-02-28T09:30:00Z", "dmy", date(1990, 2, 28)),
        ("02/28/1990", "dmy", None),
        ("30.2.1990", "dmy", None),
        ("28.2.190", "dmy", None),
        ("tomorrow", "dmy", None),
        (40_000, "dmy", None),
    ],
)
def test_days_are_read_in_one_order(cell, order, day):
    if day is None:
        with pytest.raises(Unfit):
            values.day(cell, order)
    else:
        assert values.day(cell, order) == day


@pytest.mark.parametrize(
    ("cell", "region", "phone"),
    [
        ("044 668 18 00", "CH", "+41446681800"),
        ("'+41 44 668 18 00", "US", "+41446681800"),
        ("0041446681800", "US", "+41446681800"),
        ("(212) 555-0101", "US", "+12125550101"),
        (2125550101, "US", "+12125550101"),
        ("", "US", ""),
        ("12", "US", None),
        ("nobody", "US", None),
        ("+" + "1" * 39, "US", None),
    ],
)
def test_phones_have_the_country_of_the_shop(cell, region, phone):
    if phone is None:
        with pytest.raises(Unfit):
            values.phone(cell, region)
    else:
        assert values.phone(cell, region) == phone


@pytest.mark.parametrize(
    ("zone", "region"),
    [("Europe/Zurich", "CH"), ("America/New_York", "US"), ("UTC", "US"), ("Asia/Tokyo", "JP")],
)
def test_the_shops_clock_says_its_country(zone, region):
    assert values.region_of(zone) == region


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (["E-Mail", "Vorname", "Nachname", "Geburtstag", "Punkte"],
         ["email", "first_name", "last_name", "birthday", "points"]),
        (["Adresse e-mail", "Prénom", "Numéro de téléphone", "Solde"],
         ["email", "first_name", "phone", "money"]),
        (["Correo electrónico", "Apellidos", "Sellos"], ["email", "last_name", "stamps"]),
        (["Электронная почта", "Имя", "Баллы"], ["email", "first_name", "points"]),
        (["Email", "E-mail address", "Shoe size"], ["email", "", ""]),
        (["EMAIL_ADDRESS", "Gültig bis"], ["email", "expires"]),
    ],
)  # fmt: skip
def test_headers_are_understood_in_several_languages(headers, columns):
    assert guessed(headers, []).columns == columns


def test_how_dates_and_numbers_are_written_is_guessed_from_the_first_lines():
    european = guessed(["a", "b"], [["28.2.1990", "1.234,50"]])
    american = guessed(["a", "b"], [["2/28/1990", "1,234.50"]])

    assert (european.dates, european.decimal) == ("dmy", ",")
    assert (american.dates, american.decimal) == ("mdy", ".")


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": ("first_name",)},
        {"columns": ("email", "email")},
        {"columns": ("email", "shoe")},
        {"columns": ("email",), "region": "XX"},
        {"columns": ("email",), "dates": "ydm"},
        {"columns": ("email",), "decimal": "x"},
    ],
)
def test_a_layout_names_somebody_and_nothing_twice(wrong):
    with pytest.raises(Invalid):
        Layout(**wrong)


def test_one_slip_does_not_turn_all_days_around():
    rows = [["31.12.1990", "1.234,50", "1.2.90"], ["28.02.1985", "0,00", "3.4.90"], ["12/31/1999"]]

    guess = guessed(["Geburtsdatum", "Guthaben", "Tag"], rows)

    assert (guess.dates, guess.decimal) == ("dmy", ",")
