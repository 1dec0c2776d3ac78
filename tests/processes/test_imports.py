"""A worker is killed in the middle of an import, and each line is done once."""

import os
import signal
from functools import partial

import pytest

from tests.house import House
from tests.processes import family
from tests.proof import importing

pytestmark = pytest.mark.processes

PEOPLE = 2_000
WITHIN = 240.0  # seconds; a busy machine takes its time to start a worker again


def is_past(house: House, lines: float) -> bool:
    return importing.done(house) > lines


def is_finished(house: House) -> bool:
    return importing.state(house) == "finished"


def test_a_worker_that_dies_in_the_middle_leaves_each_line_done_once(house: House, tmp_path):
    importing.open_shop(house)
    file = tmp_path / "people.csv"
    file.write_text(importing.file_of(PEOPLE))
    worker = house.start("runworker")
    house.manage("import_customers", str(file), "--program", "points", "--later")

    for share in (0.2, 0.6):
        family.wait_until(partial(is_past, house, PEOPLE * share), "it moves", within=WITHIN)
        os.killpg(family.children(worker.pid)[0], signal.SIGKILL)

    family.wait_until(partial(is_finished, house), "it is finished", within=WITHIN)
    found = {what: house.ask(each)[0][0] for what, each in importing.EACH_ONCE.items()}
    assert found == dict.fromkeys(importing.EACH_ONCE, PEOPLE)
    assert house.ask("SELECT count(*) FROM loyalty_importpart") == [(0,)]
    assert house.manage("ledger_audit").returncode == 0
