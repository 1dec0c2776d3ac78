"""After every test that wrote to the ledger, the ledger is sound: the audit is asked, before what
the test did is rolled back. A test that breaks it on purpose says `@pytest.mark.breaks_the_ledger`.
"""

from collections.abc import Generator

import pytest
from django.db import connection

BREAKS = "breaks_the_ledger"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    result = yield
    if item.get_closest_marker(BREAKS) is None and _has_written():
        _require_sound()
    return result


def _has_written() -> bool:
    """Whether there is a ledger to look at: some tests may not ask the database, and some leave it
    in the middle of what it refused."""
    from loyalty.models import Operation  # noqa: PLC0415 (settings are not ready at import time)

    try:
        return not connection.needs_rollback and Operation.objects.exists()
    except RuntimeError as refused:
        if "Database access not allowed" in str(refused):
            return False
        raise


def _require_sound() -> None:
    from loyalty.ledger.audit import broken  # noqa: PLC0415 (as above)
    from loyalty.models.operation import NEVER  # noqa: PLC0415 (as above)

    # Whatever is open must be settled when its time comes, so time is not asked about.
    assert broken(NEVER) == [], "the test left the ledger like this"
