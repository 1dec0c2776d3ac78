"""The page of all types is made from the types."""

from config.management.commands.type_tables import page
from tests.source import ROOT


def test_the_page_of_types_is_fresh():
    assert (ROOT / "docs" / "types.md").read_text() == page(), "run `make docs`"
