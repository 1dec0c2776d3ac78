"""The page of all types is made from the types."""

import subprocess
import sys

from tests.source import ROOT


def test_the_page_of_types_is_fresh():
    # In a process of its own: tests add carriers and triggers that the product does not have.
    made = subprocess.run(
        [sys.executable, "manage.py", "type_tables"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert (ROOT / "docs" / "types.md").read_text() == made.stdout, "run `make docs`"
