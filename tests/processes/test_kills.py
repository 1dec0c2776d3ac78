"""Ten kills in a minute while a thousand journeys walk, and each effect happens exactly once."""

import random
import time
from collections.abc import Iterator

import pytest

from tests.processes import crowd, family
from tests.processes.killer import Killer

pytestmark = pytest.mark.processes

KILLS = ("group", "leaf", "child", "leaf", "runworker", "leaf", "group", "child", "leaf", "child")
SPREAD = 60.0  # seconds
FINISHED_WITHIN = 60.0  # seconds after the last kill or the last wait, whichever was later

EFFECTS = {
    "journeys": "SELECT count(*) FROM automations_journey",
    "who had a journey": "SELECT count(DISTINCT customer_id) FROM automations_journey",
    "finished": "SELECT count(*) FROM automations_journey WHERE state = 'finished'",
    "accruals": "SELECT count(*) FROM loyalty_operation WHERE kind = 'accrue'",
    "cards with the points": (
        f"SELECT count(*) FROM loyalty_account WHERE balance = {crowd.POINTS}"  # noqa: S608
    ),
    "letters": "SELECT count(*) FROM messaging_message",
    "who got a letter": "SELECT count(DISTINCT customer_id) FROM messaging_message",
    "sent": "SELECT count(*) FROM messaging_message WHERE state = 'sent'",
    "accruals in the history": (
        "SELECT count(*) FROM automations_steprun WHERE step_key = 'points' AND outcome = 'done'"
    ),
    "letters in the history": (
        "SELECT count(*) FROM automations_steprun WHERE step_key = 'mail' AND outcome = 'done'"
    ),
}


def moments(chance: random.Random) -> Iterator[float]:
    """One kill in each tenth of the minute, somewhere in it."""
    each = SPREAD / len(KILLS)
    return (turn * each + chance.uniform(1, each) for turn in range(len(KILLS)))


def test_ten_kills_while_a_thousand_journeys_walk(house):
    house.does(crowd.gather)
    seed = random.randrange(10**6)
    killer = Killer(house, random.Random(seed))
    house.does(crowd.start)
    began = time.monotonic()

    for what, moment in zip(KILLS, moments(random.Random(seed)), strict=True):
        time.sleep(max(0.0, began + moment - time.monotonic()))
        killer.strikes(what)
    last = max(time.monotonic(), began + crowd.LONGEST)

    def all_is_said() -> bool:
        return bool(house.ask(EFFECTS["sent"]) == [(crowd.PEOPLE,)])

    family.wait_until(
        all_is_said,
        f"all journeys have finished (seed {seed})",
        within=FINISHED_WITHIN + last - time.monotonic(),
    )
    found = {what: house.ask(question)[0][0] for what, question in EFFECTS.items()}
    assert found == dict.fromkeys(EFFECTS, crowd.PEOPLE), f"seed {seed}"
    assert house.manage("ledger_audit").returncode == 0
