"""Conditions as rows of a form, and back."""

from typing import Any

import pytest

from automations.editor import rows
from automations.editor.rows import Row, Rows
from automations.editor.widgets import drawn
from loyalty import conditions
from loyalty.fields import FieldSet

FIELDS = FieldSet(cards={"aurora": ("points",)}, card=frozenset({"stamps"}), event={})


@pytest.mark.parametrize(
    "tree",
    [
        {"all": [["customer.language", "=", "en"]]},
        {"any": [["customer.points", ">=", 500], ["customer.tags", "has", "vip"]]},
        {"all": [["cards.aurora.points", "between", [10, 20]]]},
        {"all": [["customer.language", "in", ["en", "de"]]]},
        {"all": [["customer.consent.email", "=", True]]},
        {"all": [["customer.birthday", "exists", False]]},
        {"all": [["customer.created_at", "within_days", 30]]},
        {"all": [["now.time", ">=", "18:30"], ["now.weekday", "=", "monday"]]},
        {"all": [["customer.attributes.size", "=", 42]]},
        {"all": [["customer.attributes.size", "=", True]]},
    ],
)
def test_what_rows_can_say_comes_back_as_it_was(tree: Any) -> None:
    conditions.parse(tree, FIELDS)  # it is sound to begin with

    read, checked = rows.to_tree(rows.from_tree(tree, FIELDS), FIELDS)

    assert read == tree
    assert not checked.has_errors


@pytest.mark.parametrize(
    "tree",
    [
        {"not": ["customer.language", "=", "en"]},
        {"all": [{"any": [["customer.language", "=", "en"]]}]},
    ],
)
def test_what_rows_cannot_say_is_shown_as_it_is_written(tree: Any) -> None:
    shown = rows.from_tree(tree, FIELDS)

    assert shown.is_text
    assert rows.to_tree(shown, FIELDS)[0] == tree


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (Row("", "=", "en"), "Choose a field."),
        (Row("customer.shoe", "=", "en"), "Choose a field."),
        (Row("customer.tags", ">", "en"), "Choose how to compare."),
        (Row("customer.points", ">", "many"), "Type a whole number."),
        (Row("customer.points", ">", "٣"), "Type a whole number."),
    ],
)
def test_a_row_says_what_is_wrong_with_it(row: Row, error: str) -> None:
    _tree, checked = rows.to_tree(Rows("all", (row,)), FIELDS)

    assert [each.error for each in checked.rows] == [error]


def test_what_the_language_refuses_is_said_at_its_row() -> None:
    sent = Rows("any", (Row("customer.language", "=", "en"), Row("customer.birthday", "=", "May")))

    tree, checked = rows.to_tree(sent, FIELDS)
    checked = rows.checked(tree, checked, FIELDS)

    assert checked.rows[0].error == ""
    assert "a date" in checked.rows[1].error


def test_blank_rows_are_no_condition() -> None:
    assert rows.to_tree(Rows("all", (Row(), Row(op="="))), FIELDS)[0] is None


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(rows.Unreadable, match="This is not JSON"):
        rows.to_tree(Rows(text="{"), FIELDS)


@pytest.mark.parametrize(
    ("button", "left"),
    [("add", ["a", "b", ""]), ("remove-0", ["b"]), ("remove-7", ["a", "b"]), ("", ["a", "b"])],
)
def test_the_rows_own_buttons_work_without_a_script(button: str, left: list[str]) -> None:
    sent = {"f-total": "2", "f-0-field": "a", "f-1-field": "b", "f-rows": button}

    assert [row.field for row in rows.from_post(sent, "f").rows] == left


def test_a_form_cannot_ask_for_endless_rows() -> None:
    assert len(rows.from_post({"f-total": "999999999"}, "f").rows) == rows.MOST_ROWS
    assert rows.from_post({"f-total": "x"}, "f").rows == ()


def test_a_row_offers_what_its_field_can_do() -> None:
    tags = drawn(Row("customer.tags"), 0, FIELDS, {"customer.tags"})
    weekday = drawn(Row("now.weekday", "="), 0, FIELDS, {"now.weekday"})
    own = drawn(Row("customer.attributes.size", "="), 0, FIELDS, set())

    assert [value for value, _label in tags.operators] == ["has", "has_not", "exists"]
    assert weekday.kind == "choice"
    assert own.is_other
