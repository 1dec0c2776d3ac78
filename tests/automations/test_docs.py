"""docs/automations.md says everything that a document may hold."""

import re
from dataclasses import fields

import pytest

from automations import documents, rules, steps
from automations.triggers import TRIGGERS
from loyalty import field_types
from loyalty.field_types import FieldType, Op
from loyalty.fields import EVERYTHING
from tests.source import ROOT

PAGE = (ROOT / "docs" / "automations.md").read_text()
TYPES = [value for value in vars(field_types).values() if isinstance(value, FieldType)]
# `customer.first_name`, `.last_name` is short for two names.
WORDS = {
    word.lstrip(".")
    for code in re.findall(r"`([^`\n]+)`", PAGE)
    for word in re.split(r"[\s,]+", code)
}


def test_every_type_and_what_it_takes_is_there():
    types = {*steps.types(), *TRIGGERS}

    takes = {name for step in steps.types().values() for name in step.takes}
    takes |= {name for trigger in TRIGGERS.values() for name in trigger.takes}

    assert types | takes <= WORDS
    assert {branch for step in steps.types().values() for branch in step.fixed_branches} <= WORDS


def test_every_part_of_a_document_is_there():
    parts = {name for name in documents.TOP if name != "entry"}
    parts |= {f"entry.{field.name}" for field in fields(rules.Entry)}
    parts |= {f"limits.{name}" for name in rules.LIMITS}

    assert parts <= WORDS


@pytest.mark.parametrize("field", list(EVERYTHING.listed()), ids=lambda field: field.name)
def test_every_field_is_there(field):
    short = field.name.rpartition(".")[2]

    assert {field.name, short} & WORDS or field.name == "customer.consent.email"


@pytest.mark.parametrize("field_type", TYPES, ids=lambda field_type: field_type.name)
def test_the_operators_of_a_type_are_there(field_type):
    rows = (line.split("|") for line in PAGE.splitlines() if line.startswith("|"))

    told = next(
        set(re.findall(r"`([^`]+)`", row[2]))
        for row in rows
        if field_type.name in row[1].strip().split(", ")
    )

    if field_type is field_types.ANY:  # "all but `within_days`; `>` …"
        assert set(Op) - set(field_type.operators) == {Op.WITHIN_DAYS}
    else:
        assert told == set(field_type.operators)
