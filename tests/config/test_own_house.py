"""A house of its own is there for tests that start real processes."""

import pytest


@pytest.mark.processes
def test_a_house_of_its_own_is_ready_for_work(house):
    assert "[ ]" not in house.manage("showmigrations", "--plan").stdout
    assert house.manage("migrate", "--check").returncode == 0
