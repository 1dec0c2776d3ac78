from datetime import UTC, datetime

import pytest

from loyalty import cleaning
from loyalty.cleaning import Unfit
from loyalty.errors import Invalid


@pytest.mark.parametrize(
    ("cleaner", "value", "clean"),
    [
        (cleaning.text(5), " abc ", "abc"),
        (cleaning.text(5), None, ""),
        (cleaning.key(5), "a b", "a b"),
        (cleaning.integer(0, 9), 9, 9),
        (cleaning.moment, "2026-03-03T12:00:00+02:00", datetime(2026, 3, 3, 10, tzinfo=UTC)),
        (cleaning.moment, None, None),
        (cleaning.day, "", None),
        (cleaning.choice("a", "b"), "b", "b"),
        (cleaning.json_object(99), {"a": [1, 2.5, None, "é"]}, {"a": [1, 2.5, None, "é"]}),
        (cleaning.json_list(2, 99), [1, 2], [1, 2]),
    ],
)  # fmt: skip
def test_what_is_fit_passes(cleaner, value, clean):
    assert cleaner(value) == clean


@pytest.mark.parametrize(
    ("cleaner", "value"),
    [
        (cleaning.text(5), "abcdef"),
        (cleaning.text(5), b"abc"),
        (cleaning.text(5), "a\x00"),
        (cleaning.text(5), "a\udfff"),
        (cleaning.text(5, required=True), "  "),
        (cleaning.key(5), ""),
        (cleaning.key(5), "a\n"),
        (cleaning.key(5), "é"),
        (cleaning.integer(0, 9), True),
        (cleaning.integer(0, 9), 1.0),
        (cleaning.integer(0, 9), 10),
        (cleaning.integer(0, 9), "1"),
        (cleaning.cents, 2**63),
        (cleaning.moment, "yesterday"),
        (cleaning.moment, "2026-03-03T12:00:00"),
        (cleaning.moment, "9999-12-31T23:59:59+00:00"),
        (cleaning.moment, 7),
        (cleaning.day, "2026-02-30"),
        (cleaning.day, datetime(2026, 3, 3, tzinfo=UTC)),
        (cleaning.choice("a"), ["a"]),
        (cleaning.json_object(9), {"a": "123456789"}),
        (cleaning.json_object(99), {"a": float("nan")}),
        (cleaning.json_object(99), {"a": 10**20}),
        (cleaning.json_object(99), {1: "a"} | {"b": object()}),
        (cleaning.json_list(1, 99), [1, 2]),
        (cleaning.json_list(1, 99), (1,)),
        (cleaning.yes_or_no, 1),
    ],
)
def test_what_is_not_is_refused(cleaner, value):
    with pytest.raises(Unfit):
        cleaner(value)


def test_what_is_nested_too_deeply_is_refused_before_it_is_followed():
    nested: list[object] = []
    for _level in range(100_000):
        nested = [nested]

    with pytest.raises(Unfit):
        cleaning.json_list(9, 10**6)(nested)


def test_all_fields_that_are_wrong_are_named_at_once():
    with pytest.raises(Invalid) as refusal:
        cleaning.cleaned(
            {"name": 7, "age": -1, "shoe": 38, "key": "fine"},
            {"name": cleaning.text(5), "age": cleaning.integer(0, 200), "key": cleaning.key(9)},
        )

    assert set(refusal.value.fields) == {"name", "age", "shoe"}
