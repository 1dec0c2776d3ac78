"""An amount is written with the decimals its currency has, whichever table Babel keeps."""

import pytest
from babel import Locale
from django.utils import translation

from loyalty import money


@pytest.mark.parametrize(
    ("cents", "currency", "written"),
    [
        (19900, "USD", "$199.00"),
        (-5, "EUR", "-€0.05"),
        (19900, "JPY", "¥19,900"),
        (19900, "KWD", "KWD\xa019.900"),
        (19900, "IQD", "IQD\xa019.900"),
        (19950, "RSD", "RSD\xa0199.50"),
        (19950, "CLF", "CLF\xa01.9950"),
        (10**12, "USD", "$10,000,000,000.00"),
        (1, "XYZ", "XYZ\xa00.01"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(cents, currency, written):
    assert money.written(cents, currency) == written


def test_it_is_written_as_the_reader_writes():
    with translation.override("de"):
        assert money.written(123456, "EUR") == "1.234,56\xa0€"
    assert money.written(123456, "EUR", Locale("fr")) == "1\u202f234,56\xa0€"
