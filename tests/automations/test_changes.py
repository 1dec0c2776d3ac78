"""What differs between two versions of a chain."""

from datetime import datetime
from typing import Any

import pytest

from automations import changes, portable
from automations.changes import Chain, Change
from tests.automations.chains import working
from tests.automations.versions import document, parallel, tag, wait

pytestmark = pytest.mark.django_db


def differ(now: datetime, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> dict[str, str]:
    automation = working(old, now)
    portable.read(document(*new), now=now)
    automation.refresh_from_db()
    assert automation.live
    assert automation.draft
    found = changes.between(Chain(automation.live), Chain(automation.draft))
    return {key: str(change) for key, change in found.items()}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([wait("a"), tag("b", "x")], [wait("a"), tag("b", "x")], {}),
        ([wait("a")], [tag("n", "x"), wait("a")], {"n": Change.ADDED}),
        ([wait("a"), wait("b")], [wait("b")], {"a": Change.REMOVED}),
        ([wait("a")], [wait("a", "P2D")], {"a": Change.CHANGED}),
        ([wait("a")], [tag("a", "x")], {"a": Change.CHANGED}),
        (
            [wait("a"), wait("b"), wait("c")],
            [wait("c"), wait("a"), wait("b")],
            {"c": Change.MOVED},
        ),
        (
            [parallel(a=[wait("a")], b=[wait("b")])],
            [parallel(a=[wait("a"), wait("b")], b=[])],
            {"b": Change.MOVED},
        ),
    ],
)
def test_a_step_is_the_same_added_gone_changed_or_moved(
    now: datetime,
    old: list[dict[str, Any]],
    new: list[dict[str, Any]],
    expected: dict[str, str],
) -> None:
    assert differ(now, old, new) == expected
