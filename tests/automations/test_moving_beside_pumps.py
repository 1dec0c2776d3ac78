"""People are moved to a new version while pumps hold some of them. SQLite takes turns."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection

from automations import portable, publishing
from automations.engine import moving
from automations.models import Automation, Journey
from loyalty.models import Card, Customer
from tests.automations.chains import run, wave, working
from tests.automations.test_staff_beside_pumps import elsewhere
from tests.automations.versions import document, parallel, tag, wait

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="it has one writer at a time"),
    pytest.mark.usefixtures("sender"),
]
VERBS: dict[str, Callable[[Automation, datetime], object]] = {
    "publish": lambda automation, now: publishing.publish(
        automation, choices={"w": "exit"}, now=now
    ),
    "end": lambda automation, now: moving.end(automation, "Enough.", now),
}


def inside(automation: Automation, customer: Customer, now: datetime, key: str) -> Journey:
    wave(customer, now, key=key)
    run(now)
    return automation.journeys.filter(parent=None).latest("pk")


@pytest.mark.parametrize("verb", VERBS)
def test_whoever_a_pump_holds_is_left_to_it_and_taken_next_time(
    verb: str,
    regular: Customer,
    aurora_card: Card,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moving, "TRIES", 2)
    automation = working([wait("w")], now, entry={"if_inside": "parallel"})
    held, free = (inside(automation, regular, now, key) for key in ("one", "two"))
    portable.read(document(wait("w", "P2D"), tag("t", "x")), now=now)

    def hold() -> None:
        list(Journey.objects.filter(pk=held.pk).select_for_update(no_key=True))

    with elsewhere(hold), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
        VERBS[verb](automation, now)
        cursor.execute("RESET lock_timeout")
    free.refresh_from_db()
    held.refresh_from_db()
    assert (free.state, held.state) == ("stopped", "waiting")

    VERBS[verb](automation, now)

    held.refresh_from_db()
    assert held.state == "stopped"


def test_a_family_one_of_whom_a_pump_holds_is_left_whole(
    regular: Customer, aurora_card: Card, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pump holds a branch and will want its parent when the branch ends."""
    monkeypatch.setattr(moving, "TRIES", 2)
    automation = working([parallel(a=[wait("a")], b=[wait("b")])], now)
    parent = inside(automation, regular, now, "one")
    branch = parent.children.get(step_key="a")
    portable.read(document(parallel(a=[wait("a", "P2D")], b=[wait("b")])), now=now)

    def hold() -> None:
        list(Journey.objects.filter(pk=branch.pk).select_for_update(no_key=True))

    with elsewhere(hold), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
        publishing.publish(automation, choices={"all": "move"}, now=now)
        cursor.execute("RESET lock_timeout")
    assert set(Journey.objects.values_list("version__number", flat=True)) == {1}

    publishing.publish(automation, choices={"all": "move"}, now=now)
    assert set(Journey.objects.values_list("version__number", flat=True)) == {2}
