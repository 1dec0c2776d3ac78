"""What kills the process that works on it is found, set aside and named; all others go on."""

import pytest

from tests.house import House
from tests.processes import deadly

pytestmark = pytest.mark.processes

WHY = "The process that worked on it died, 5 times."
TAGGED = "SELECT count(*) FROM automations_steprun WHERE step_key = 't' AND outcome = 'done'"
FINISHED = "SELECT count(*) FROM automations_journey WHERE state = 'finished'"


def test_a_journey_that_kills_its_process_is_stopped_and_the_rest_goes_on(house: House) -> None:
    house.does(deadly.waiting)

    house.does(deadly.until_it_lives)

    assert house.ask("SELECT note FROM automations_journey WHERE state = 'stopped'") == [(WHY,)]
    assert house.ask(FINISHED) == house.ask(TAGGED) == [(deadly.PEOPLE - 1,)]
    assert house.ask("SELECT count(*) FROM automations_canary") == [(0,)]


def test_an_event_that_kills_its_process_lets_nobody_in_and_says_so(house: House) -> None:
    house.does(deadly.entering)

    house.does(deadly.until_it_lives)

    refused = "SELECT reason FROM automations_decision WHERE verdict = 'refused'"
    assert house.ask(refused) == [(WHY,)]
    assert house.ask(FINISHED) == house.ask(TAGGED) == [(deadly.PEOPLE - 1,)]
