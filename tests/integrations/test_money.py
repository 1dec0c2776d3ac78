"""Amounts of others become minor units, exactly, or are refused."""

import pytest

from integrations.money import minor_units


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("199.00", "USD", 19900),
        ("199", "USD", 19900),
        ("1.15", "USD", 115),
        ("29.99", "EUR", 2999),
        ("0.10", "CHF", 10),
        ("41.9400", "USD", 4194),
        ("-5.00", "USD", -500),
        ("1200", "JPY", 1200),
        ("1200.00", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("1.2", "KWD", 1200),
        ("999999999999999.99", "USD", 99999999999999999),
    ],
)
def test_an_amount_is_exact(amount, currency, units):
    assert minor_units(amount, currency) == units


@pytest.mark.parametrize(
    "amount",
    [
        *("", " ", "1,00", "1.", ".5", "+1", "1e3", "1E+1000000", "NaN", "Infinity", "0x10"),
        *("1.005", "1_000", "١", "１", "1" * 16, "1.00 ", "$1.00", "--1"),
    ],
)
def test_what_is_no_amount_is_refused(amount):
    with pytest.raises(ValueError, match=r"^"):
        minor_units(amount, "USD")


def test_a_currency_without_cents_has_none():
    with pytest.raises(ValueError, match=r"10\.50"):
        minor_units("10.50", "JPY")
