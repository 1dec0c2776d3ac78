"""A journey and an event that end the process which works on them; runs in a house of its own."""

import os
from datetime import timedelta

from django.db import connections, transaction

from automations import portable, publishing
from automations.engine import pump
from automations.models import Step
from automations.place import Place
from automations.steps.add_tag import AddTag
from loyalty import clock, customers, external
from loyalty.causes import Cause
from loyalty.customers import Details, Who

PEOPLE = 30
DEADLY = "c17@example.com"
CAUSE = Cause("import")
DIED = 9


def waiting() -> None:
    """Everybody waits for an hour; then one of them is deadly."""
    _gather([{"key": "w", "type": "wait", "for": "PT1H"}, {"key": "t", **_TAG}])
    _pump_to_the_end(0)


def entering() -> None:
    """Nobody is in yet; one of them is deadly as soon as they are."""
    _gather([{"key": "t", **_TAG}])


def until_it_lives() -> None:
    """Work two hours later, again and again after each death."""
    for _death in range(30):
        connections.close_all()
        child = os.fork()
        if child == 0:
            _live_or_die()
        _pid, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            return
        assert os.waitstatus_to_exitcode(status) == DIED
    raise AssertionError("it dies for ever")


_TAG = {"type": "add_tag", "tag": "tagged"}


def _gather(steps: list[dict[str, object]]) -> None:
    document = {
        "format": 1,
        "slug": "deadly",
        "name": "Deadly",
        "triggers": [{"type": "external_event", "params": {"names": ["started"]}}],
        "steps": steps,
    }
    publishing.publish(portable.read(document), now=clock.now())
    with transaction.atomic():
        for number in range(PEOPLE):
            details = Details(email=f"c{number}@example.com")
            customers.join(details, cause=CAUSE, now=clock.now())
    items = [
        external.External(
            index=number,
            name="started",
            key=f"start-{number}",
            customer=Who(email=f"c{number}@example.com"),
            data={},
        )
        for number in range(PEOPLE)
    ]
    external.accept(items, scope="test", cause=CAUSE, now=clock.now())


def _live_or_die() -> None:
    code = 1
    try:
        run_many = AddTag.run_many

        def dies(step: AddTag, place: Place) -> object:
            if place.customer is not None and place.customer.email == DEADLY:
                os._exit(DIED)
            return run_many(step, [place])[0]

        AddTag.run = dies  # type: ignore[method-assign,assignment]
        AddTag.run_many = Step.run_many  # type: ignore[method-assign]
        _pump_to_the_end(2)
        code = 0
    finally:
        os._exit(code)


def _pump_to_the_end(hours: int) -> None:
    now = clock.now() + timedelta(hours=hours)
    while shards := pump.due(now):
        for shard in shards:
            pump.pump(shard, now=now)
